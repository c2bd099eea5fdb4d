//! Path templates in OpenAPI's form: `/v1/{name=orders/*}:cancel` becomes `/v1/orders/{order}:cancel`.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use shopmesh_json::http_rule::{Segment, Template, Variable};

use super::{
    comments,
    model::Parameter,
    rules,
    schema::Schema,
    schemas::{Schemas, Side},
};

/// A template in OpenAPI's form.
pub struct PathForm {
    pub path: String,
    pub parameters: Vec<Parameter>,
}

/// Turns a template; each `*` becomes a parameter that is named after what it counts.
pub fn form(template: &Template, input: &MessageDescriptor, schemas: &mut Schemas) -> PathForm {
    let mut parts: Vec<String> = Vec::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    for (at, segment) in template.segments.iter().enumerate() {
        let variable = template.variables.iter().find(|variable| variable.segments.contains(&at));
        let (Some(variable), false) = (variable, matches!(segment, Segment::Literal(_))) else {
            parts.push(literal(segment).to_owned());
            continue;
        };
        let Some(field) = field_at(input, &variable.field) else { continue };
        let name = parameter_name(&field, template, variable, at, &parameters);
        parts.push(format!("{{{name}}}"));
        let schema = if variable.segments.len() == 1 {
            schemas.field(&field, Side::Text)
        } else {
            segment_schema(&field, template, variable, at)
        };
        parameters.push(Parameter {
            name,
            place: "path",
            description: String::new(),
            required: true,
            schema,
        });
    }
    describe(&mut parameters, input, template, &parts);
    let verb = template.verb.as_ref().map(|verb| format!(":{verb}")).unwrap_or_default();
    PathForm { path: format!("/{}{verb}", parts.join("/")), parameters }
}

/// The field at a dotted path of proto names.
pub fn field_at(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    match path.split_once('.') {
        None => message.get_field_by_name(path),
        Some((first, rest)) => match message.get_field_by_name(first)?.kind() {
            Kind::Message(inner) => field_at(&inner, rest),
            _ => None,
        },
    }
}

fn literal(segment: &Segment) -> &str {
    match segment {
        Segment::Literal(text) => text,
        // Wildcards outside of variables: `*` can be any text.
        Segment::Single | Segment::Any | Segment::Deep => "-",
    }
}

/// `orders/*` counts orders, so its `*` is an `order`; a variable without a word before its `*` has its field's name.
fn parameter_name(
    field: &FieldDescriptor,
    template: &Template,
    variable: &Variable,
    at: usize,
    taken: &[Parameter],
) -> String {
    let before = at.checked_sub(1).filter(|before| variable.segments.contains(before));
    let name = match before.map(|before| &template.segments[before]) {
        Some(Segment::Literal(collection)) => singular(collection),
        _ => field.json_name().to_owned(),
    };
    match taken.iter().filter(|parameter| parameter.name.trim_end_matches(char::is_numeric) == name).count() {
        0 => name,
        others => format!("{name}{}", others + 1),
    }
}

fn singular(collection: &str) -> String {
    if let Some(stem) = collection.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let stem = collection.strip_suffix("ses").map(|stem| format!("{stem}s"));
    stem.unwrap_or_else(|| collection.strip_suffix('s').unwrap_or(collection).to_owned())
}

/// One segment of a resource name, by its part of the name's pattern.
fn segment_schema(field: &FieldDescriptor, template: &Template, variable: &Variable, at: usize) -> Schema {
    let segments = &template.segments[variable.segments.clone()];
    let pattern = rules::of(field).scalar.pattern;
    let parts = pattern.as_deref().map(name_parts).filter(|parts| parts.len() == segments.len());
    let part = parts.map(|parts| parts[at - variable.segments.start].to_owned());
    Schema::of("string").pattern(&part.map_or("^[^/]+$".to_owned(), |part| format!("^{part}$")))
}

/// The pattern of a name, between its slashes. A path always has the name, so one that may be empty is not.
fn name_parts(pattern: &str) -> Vec<&str> {
    let whole = pattern.trim_start_matches('^').trim_end_matches('$');
    let optional = whole.strip_prefix('(').and_then(|whole| whole.strip_suffix(")?"));
    let whole = optional.filter(|inner| !inner.contains('(')).unwrap_or(whole);
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, letter) in whole.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '/' if depth == 0 => {
                parts.push(&whole[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&whole[start..]);
    parts
}

/// Says how the name of the contract stands in the path.
fn describe(parameters: &mut [Parameter], input: &MessageDescriptor, template: &Template, parts: &[String]) {
    for variable in &template.variables {
        let Some(field) = field_at(input, &variable.field) else { continue };
        let comment = comments::of(&field.parent_file(), field.path());
        let name = parts[variable.segments.clone()].join("/");
        let placed =
            parameters.iter_mut().filter(|parameter| name.contains(&format!("{{{}}}", parameter.name)));
        for parameter in placed {
            parameter.schema.description = String::new();
            parameter.description = if variable.segments.len() == 1 {
                comment.clone()
            } else {
                format!("In the name `{name}`. {comment}")
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_have_a_singular() {
        let singulars = ["orders", "categories", "addresses", "deliveries"].map(singular);
        assert_eq!(singulars, ["order", "category", "address", "delivery"]);
    }

    #[test]
    fn a_name_s_pattern_is_taken_apart_at_its_slashes() {
        assert_eq!(
            name_parts("^users/(usr_[0-9/]{26}|me)/addresses/adr_.$"),
            ["users", "(usr_[0-9/]{26}|me)", "addresses", "adr_."]
        );
        assert_eq!(name_parts("^(products/prd_[0-9]{26})?$"), ["products", "prd_[0-9]{26}"]);
    }
}
