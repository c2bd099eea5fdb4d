//! Query parameters (google/api/http.proto: every field that neither path nor body holds).

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use shopmesh_json::{LeafClass, MessageId};

use super::{
    model::Parameter,
    rules,
    schemas::{Schemas, Side},
};

/// The parameters of a message, but what is `covered`, dotted paths of proto names.
pub fn query(input: &MessageDescriptor, covered: &[&str], schemas: &mut Schemas) -> Vec<Parameter> {
    let root = shopmesh_proto::json_codec().message(input.full_name()).expect("a contract's message");
    let mut walk = Walk { root, covered, schemas, parameters: Vec::new(), within: Vec::new() };
    walk.message(input, "", "");
    walk.parameters
}

struct Walk<'a> {
    /// The whole message.
    root: MessageId,
    covered: &'a [&'a str],
    schemas: &'a mut Schemas,
    parameters: Vec<Parameter>,
    /// Messages around, so that one that holds itself ends somewhere.
    within: Vec<String>,
}

impl Walk<'_> {
    fn message(&mut self, message: &MessageDescriptor, path: &str, name: &str) {
        if self.within.iter().any(|outer| outer == message.full_name()) {
            return;
        }
        self.within.push(message.full_name().to_owned());
        let mut fields: Vec<_> = message.fields().collect();
        fields.sort_by(|one, other| one.path().cmp(other.path()));
        for field in fields {
            let (path, name) = (format!("{path}{}", field.name()), format!("{name}{}", field.json_name()));
            if self.covered.contains(&path.as_str()) || rules::is_output_only(&field) {
                continue;
            }
            let codec = shopmesh_proto::json_codec();
            let leaf = codec.field_path(self.root, &path).map(|path| codec.leaf_class(&path));
            match field.kind() {
                _ if leaf.is_some_and(|leaf| leaf != LeafClass::None) => self.parameter(&field, name),
                Kind::Message(inner) if !field.is_list() && !field.is_map() => {
                    self.message(&inner, &format!("{path}."), &format!("{name}."));
                }
                _ => {}
            }
        }
        self.within.pop();
    }

    fn parameter(&mut self, field: &FieldDescriptor, name: String) {
        let mut schema = self.schemas.field(field, Side::Text);
        let description = std::mem::take(&mut schema.description);
        // Inside of a message that may be left out, nothing is required.
        let required = self.within.len() == 1 && rules::is_required(field, &rules::of(field));
        self.parameters.push(Parameter { name, place: "query", description, required, schema });
    }
}
