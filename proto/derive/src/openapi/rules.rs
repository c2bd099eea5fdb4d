//! The `buf.validate` rules of a request field as keywords of JSON Schema.

pub use shopmesh_proto::validate::text_kind::is_output_only;

use prost_reflect::{Cardinality, FieldDescriptor, Kind};
use regex::Regex;
use serde_json::Value;
use shopmesh_proto::validate::{
    REGIONS,
    rules::{self, FieldRules, ScalarRules},
    text_kind::TextKind,
};

use super::schema::Schema;

/// The rules of a field: its own, or those that `validate/checks.rs` has for a type that is not ours.
pub fn of(field: &FieldDescriptor) -> FieldRules {
    let scalar = match field.full_name() {
        "google.type.Money.currency_code" => {
            ScalarRules { pattern: Some("^[A-Z]{3}$".to_owned()), ..ScalarRules::default() }
        }
        "google.type.Money.nanos" => {
            ScalarRules { gte: Some(-999_999_999), lte: Some(999_999_999), ..ScalarRules::default() }
        }
        // The build has told the problems.
        _ => return rules::read(field, &mut Vec::new()),
    };
    FieldRules { scalar, ..FieldRules::default() }
}

/// Adds the keywords of a field's rules.
pub fn constrain(schema: &mut Schema, field: &FieldDescriptor, rules: &FieldRules) {
    if !field.is_list() {
        return constrain_value(schema, &rules.scalar);
    }
    schema.min_items = rules.min_items;
    schema.max_items = rules.max_items;
    schema.unique_items = rules.unique;
    if let (Some(items), Some(scalar)) = (&mut schema.items, &rules.items) {
        constrain_value(items, scalar);
    }
}

fn constrain_value(schema: &mut Schema, rules: &ScalarRules) {
    schema.min_length = rules.min_len;
    schema.max_length = rules.max_len;
    // A number in quotes has a pattern already.
    schema.pattern = rules.pattern.clone().or(schema.pattern.take());
    schema.minimum = rules.gte;
    schema.maximum = rules.lte;
    match rules.text {
        Some(TextKind::Email) => schema.format = Some("idn-email"),
        Some(TextKind::Uuid) => schema.format = Some("uuid"),
        Some(TextKind::Region) => schema.values = REGIONS.map(Value::from).into(),
        Some(TextKind::Line) => schema.text = Some("line"),
        Some(TextKind::Block) => schema.text = Some("block"),
        Some(TextKind::Query | TextKind::Password | TextKind::Token | TextKind::Pattern) | None => {}
    }
}

/// Whether a value of an enum is refused.
pub fn refuses_value(rules: &FieldRules, number: i32) -> bool {
    rules.scalar.not_in.contains(&i64::from(number))
}

/// Whether a request must carry the field: without presence, one that is left out is checked as zero or empty.
pub fn is_required(field: &FieldDescriptor, rules: &FieldRules) -> bool {
    if field.cardinality() == Cardinality::Repeated {
        return rules.min_items.is_some_and(|least| least > 0);
    }
    if field.supports_presence() {
        return rules.required;
    }
    let scalar = &rules.scalar;
    match field.kind() {
        Kind::String => {
            let pattern = scalar.pattern.as_deref().and_then(|pattern| Regex::new(pattern).ok());
            scalar.min_len.is_some_and(|least| least > 0)
                || scalar.uuid
                || pattern.is_some_and(|pattern| !pattern.is_match(""))
        }
        Kind::Bool | Kind::Bytes => false,
        _ => {
            scalar.gte.is_some_and(|least| least > 0)
                || scalar.lte.is_some_and(|most| most < 0)
                || scalar.not_in.contains(&0)
        }
    }
}

/// Names and numbers of an enum: either is read.
pub fn enum_values(of: &prost_reflect::EnumDescriptor, rules: &FieldRules) -> Vec<Value> {
    let taken = of.values().filter(|value| !refuses_value(rules, value.number()));
    let (names, numbers): (Vec<Value>, Vec<Value>) =
        taken.map(|value| (Value::from(value.name()), Value::from(value.number()))).unzip();
    names.into_iter().chain(numbers).collect()
}
