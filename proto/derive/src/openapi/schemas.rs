//! Schemas of messages and their fields: exactly what `proto/json` reads and prints at the edge.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{Cardinality, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;
use shopmesh_proto::validate::rules::FieldRules;

use super::{comments, rules, schema::Schema};

/// Where a value stands, which decides its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In the JSON of a request: numbers also in quotes, enums also as numbers, `null` for "not set".
    Request,
    /// In a path or a query: text.
    Text,
    /// In an answer: everything is printed but what knows "not set".
    Answer,
    /// In a detail of an error: what is zero or empty may be left out, as the edge's own errors do.
    Detail,
}

/// The schemas that were asked for, by the names under which they are components.
pub struct Schemas {
    components: BTreeMap<String, Schema>,
    /// Full names of the messages that answers hold.
    answered: BTreeSet<String>,
}

impl Schemas {
    /// No schemas yet. `answers` are the messages that RPCs answer.
    pub fn new(answers: impl Iterator<Item = MessageDescriptor>) -> Self {
        let mut answered = BTreeSet::new();
        answers.for_each(|message| reach(&message, &mut answered));
        Self { components: BTreeMap::new(), answered }
    }

    /// Adds a schema under a name of its own; a reference to it.
    pub fn add(&mut self, name: &str, schema: Schema) -> Schema {
        self.components.insert(name.to_owned(), schema);
        Schema::reference(name)
    }

    pub fn into_components(self) -> BTreeMap<String, Schema> {
        self.components
    }

    /// The schema of a message: a reference, unless its JSON is not an object of its fields.
    pub fn message(&mut self, message: &MessageDescriptor, side: Side) -> Schema {
        if let Some(schema) = self.well_known(message, side) {
            return schema;
        }
        let mut name = short_name(message.full_name());
        if side == Side::Request && !name.ends_with("Request") {
            name.push_str("Input");
        }
        if !self.components.contains_key(&name) {
            // First a place, for messages that hold themselves.
            self.components.insert(name.clone(), Schema::default());
            let schema = self.object(message, side, &|_| false);
            let comment = comments::of(&message.parent_file(), message.path());
            self.components.insert(name.clone(), schema.described(comment));
        }
        Schema::reference(&name)
    }

    /// The object of a message's fields, but those that stand elsewhere.
    pub fn object(
        &mut self,
        message: &MessageDescriptor,
        side: Side,
        elsewhere: &dyn Fn(&FieldDescriptor) -> bool,
    ) -> Schema {
        let mut object = Schema::of("object");
        // In the order of the contract.
        let left_out = |field: &FieldDescriptor| {
            elsewhere(field) || (side == Side::Request && rules::is_output_only(field))
        };
        let mut fields: Vec<_> = message.fields().filter(|field| !left_out(field)).collect();
        fields.sort_by(|one, other| one.path().cmp(other.path()));
        for field in fields {
            let name = field.json_name().to_owned();
            if is_always_there(&field, side) {
                object.required.push(name.clone());
            }
            object.properties.push((name, self.field(&field, side)));
        }
        if side == Side::Request {
            object.not = one_of_each(message);
        }
        object
    }

    /// The schema of a field, with its comment and rules.
    pub fn field(&mut self, field: &FieldDescriptor, side: Side) -> Schema {
        let is_request = matches!(side, Side::Request | Side::Text);
        let rules = if is_request { rules::of(field) } else { FieldRules::default() };
        let mut schema = match field.cardinality() {
            Cardinality::Repeated if field.is_map() => self.map(field, side),
            Cardinality::Repeated => Schema::list(self.value(&field.kind(), side, &rules)),
            Cardinality::Optional | Cardinality::Required => self.value(&field.kind(), side, &rules),
        };
        if is_request {
            rules::constrain(&mut schema, field, &rules);
        }
        schema.description = comments::of(&field.parent_file(), field.path());
        if matches!(field.kind(), Kind::Message(of) if of.full_name() == "google.protobuf.FieldMask") {
            schema.description = comments::with_json_names(&schema.description);
        }
        if is_sensitive(field) {
            schema.sensitive = true;
            // What only ever goes in.
            let goes_in = is_request && !self.answered.contains(field.parent_message().full_name());
            schema.write_only = goes_in;
            if goes_in && schema.format.is_none() {
                schema.format = Some("password");
            }
        }
        let member = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
        if side == Side::Request && !rules::is_required(field, &rules) && !member {
            schema = schema.or_null();
        }
        schema
    }

    fn map(&mut self, field: &FieldDescriptor, side: Side) -> Schema {
        let Kind::Message(entry) = field.kind() else { return Schema::of("object") };
        let value = self.value(&entry.map_entry_value_field().kind(), side, &FieldRules::default());
        Schema { additional_properties: Some(Box::new(value)), ..Schema::of("object") }
    }

    fn value(&mut self, kind: &Kind, side: Side, rules: &FieldRules) -> Schema {
        match kind {
            Kind::Bool => Schema::of("boolean"),
            Kind::String => Schema::of("string"),
            Kind::Bytes => Schema { content_encoding: Some("base64"), ..Schema::of("string") },
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => integer("int32", "^-?[0-9]{1,10}$", side, false),
            Kind::Uint32 | Kind::Fixed32 => integer("uint32", "^[0-9]{1,10}$", side, false),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => integer("int64", "^-?[0-9]{1,19}$", side, true),
            Kind::Uint64 | Kind::Fixed64 => integer("uint64", "^[0-9]{1,20}$", side, true),
            Kind::Float => Schema::of_several(&["number", "string"]).format("float"),
            Kind::Double => Schema::of_several(&["number", "string"]).format("double"),
            Kind::Enum(of) => self.enumeration(of, side, rules),
            Kind::Message(message) => self.message(message, side),
        }
    }

    fn enumeration(&mut self, of: &EnumDescriptor, side: Side, rules: &FieldRules) -> Schema {
        if of.full_name() == "google.protobuf.NullValue" {
            return Schema::of("null");
        }
        if matches!(side, Side::Request | Side::Text) {
            return Schema {
                values: rules::enum_values(of, rules),
                ..Schema::of_several(&["string", "integer"])
            };
        }
        let mut description = comments::of(&of.parent_file(), of.path());
        for value in of.values() {
            let comment = comments::of(&of.parent_file(), value.path());
            if !comment.is_empty() {
                description.push_str(&format!("\n- `{}`: {comment}", value.name()));
            }
        }
        let values = of.values().map(|value| Value::from(value.name())).collect();
        let schema = Schema { values, ..Schema::of("string") };
        self.add(&short_name(of.full_name()), schema.described(description))
    }

    /// The types whose JSON is not an object of their fields (protobuf.dev, "ProtoJSON Format").
    fn well_known(&mut self, message: &MessageDescriptor, side: Side) -> Option<Schema> {
        let string = || Schema::of("string");
        Some(match message.full_name().strip_prefix("google.protobuf.")? {
            "Timestamp" => string().format("date-time"),
            "Duration" => string().pattern(r"^-?[0-9]+(\.[0-9]{1,9})?s$"),
            "FieldMask" => string().pattern(r"^([A-Za-z0-9.]+(,[A-Za-z0-9.]+)*)?$"),
            "Struct" => Schema::of("object"),
            "ListValue" => Schema::list(Schema::default()),
            "Value" => Schema::default(),
            "Any" => Schema {
                properties: vec![("@type".to_owned(), string())],
                required: vec!["@type".to_owned()],
                ..Schema::of("object")
            },
            wrapper if wrapper.ends_with("Value") => {
                let field = message.get_field_by_name("value")?;
                self.value(&field.kind(), side, &FieldRules::default())
            }
            _ => return None,
        })
    }
}

/// Whole numbers: printed in quotes if they have 64 bits, read with and without.
fn integer(format: &'static str, digits: &str, side: Side, quoted: bool) -> Schema {
    match side {
        Side::Request => Schema::of_several(&["integer", "string"]).pattern(digits),
        Side::Answer | Side::Detail if quoted => Schema::of("string").pattern(digits),
        Side::Text | Side::Answer | Side::Detail => Schema::of("integer"),
    }
    .format(format)
}

/// Whether an object is never without the field.
fn is_always_there(field: &FieldDescriptor, side: Side) -> bool {
    match side {
        Side::Request | Side::Text => {
            field.containing_oneof().is_none() && rules::is_required(field, &rules::of(field))
        }
        Side::Answer => !field.supports_presence(),
        Side::Detail => false,
    }
}

/// What must not be: two members of one oneof.
fn one_of_each(message: &MessageDescriptor) -> Option<Box<Schema>> {
    let mut pairs = Vec::new();
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let members: Vec<String> = oneof.fields().map(|field| field.json_name().to_owned()).collect();
        for (at, one) in members.iter().enumerate() {
            let others = members[at + 1..].iter();
            pairs.extend(others.map(|other| both(one, other)));
        }
    }
    (!pairs.is_empty()).then(|| Box::new(Schema::any_of(pairs)))
}

/// An object that has both.
fn both(one: &str, other: &str) -> Schema {
    let members = [one, other].map(str::to_owned);
    Schema {
        properties: members.clone().map(|name| (name, Schema::default())).into(),
        required: members.into(),
        ..Schema::default()
    }
}

/// `shopmesh.orders.v1.Order` is `orders.v1.Order`.
fn short_name(full_name: &str) -> String {
    full_name.trim_start_matches("shopmesh.").to_owned()
}

fn reach(message: &MessageDescriptor, seen: &mut BTreeSet<String>) {
    if seen.insert(message.full_name().to_owned()) {
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind() {
                reach(&inner, seen);
            }
        }
    }
}

fn is_sensitive(field: &FieldDescriptor) -> bool {
    let extension = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.sensitive");
    extension.is_some_and(|extension| field.options().get_extension(&extension).as_bool().unwrap_or_default())
}
