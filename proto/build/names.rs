//! How prost spells the Rust names of the contracts.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

/// Path of a message's Rust type inside the crate.
pub fn type_path(message: &MessageDescriptor) -> String {
    let package = message.parent_file().package_name().replace('.', "::");
    format!("crate::contracts::{package}::{}", message.name())
}

/// Name of a field of a Rust struct.
pub fn field(field: &FieldDescriptor) -> String {
    match field.name() {
        keyword @ ("type" | "match" | "ref" | "move" | "use" | "in") => format!("r#{keyword}"),
        name => name.to_owned(),
    }
}

/// Path of the enum that prost makes of a oneof, which lives in a module named after its message.
pub fn oneof_path(message: &MessageDescriptor, oneof: &str) -> String {
    let package = message.parent_file().package_name().replace('.', "::");
    format!("crate::contracts::{package}::{}::{}", snake(message.name()), camel(oneof))
}

/// `LineItem` to `line_item`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// `line_item` to `LineItem`.
pub fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}
