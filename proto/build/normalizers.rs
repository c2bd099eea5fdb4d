//! Writes the body of `Validate::normalize`: each string of a request into the form of its kind.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::{names, rules, text_kind::TextKind};

/// Rust source of the body for a message that a request can carry; empty when it holds nothing to bring into form.
pub fn body(message: &MessageDescriptor) -> String {
    message.fields().map(|field| statement(message, &field)).collect()
}

fn statement(message: &MessageDescriptor, field: &FieldDescriptor) -> String {
    let member = names::field(field);
    let Some(value) = value(field) else { return String::new() };
    let statement = match field.containing_oneof() {
        Some(oneof) => format!(
            "if let Some({}::{}(value)) = &mut self.{} {{ {value} }}",
            names::oneof_path(message, oneof.name()),
            names::camel(field.name()),
            oneof.name()
        ),
        None if field.is_list() => format!("for value in &mut self.{member} {{ {value} }}"),
        None if matches!(field.kind(), Kind::Message(_)) => {
            format!("if let Some(value) = &mut self.{member} {{ {value} }}")
        }
        None => format!("let value = &mut self.{member}; {value}"),
    };
    format!("        {statement}\n")
}

/// What is done to `value`, a value of the field.
fn value(field: &FieldDescriptor) -> Option<String> {
    match field.kind() {
        // Messages that are not ours hold no text of people.
        Kind::Message(inner) => {
            inner.package_name().starts_with("shopmesh.").then(|| "value.normalize();".to_owned())
        }
        Kind::String => {
            // The problems are told where the validators are written.
            let rules = rules::read(field, &mut Vec::new());
            let scalar = if field.is_list() { rules.items.unwrap_or_default() } else { rules.scalar };
            // The others come in one form only.
            let kind = scalar
                .text
                .filter(|kind| !matches!(kind, TextKind::Region | TextKind::Token | TextKind::Pattern))?;
            Some(format!("text::normalize(value, TextKind::{kind:?});"))
        }
        _ => None,
    }
}
