//! `Debug` for messages with sensitive fields: the value is never printed.

use std::fmt::Write;

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};

use crate::names;

/// Full names of the messages whose `Debug` is written here instead of derived.
pub fn masked_messages(pool: &DescriptorPool) -> Vec<String> {
    messages(pool).map(|message| format!(".{}", message.full_name())).collect()
}

/// Rust source of the masking `Debug` implementations.
pub fn generate(pool: &DescriptorPool) -> String {
    let mut source = String::new();
    for message in messages(pool) {
        let mut fields = String::new();
        for field in message.fields().filter(|field| field.containing_oneof().is_none()) {
            let member = names::field(&field);
            let value = if is_sensitive(&field) { "&\"***\"".to_owned() } else { format!("&self.{member}") };
            let _ = write!(fields, ".field({:?}, {value})", field.name());
        }
        for oneof in message.oneofs() {
            let _ = write!(fields, ".field({:?}, &self.{})", oneof.name(), oneof.name());
        }
        let _ = writeln!(
            source,
            "impl std::fmt::Debug for {} {{\n    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\n        out.debug_struct({:?}){fields}.finish()\n    }}\n}}",
            names::type_path(&message),
            message.name()
        );
    }
    source
}

fn messages(pool: &DescriptorPool) -> impl Iterator<Item = MessageDescriptor> + '_ {
    pool.all_messages().filter(|message| message.fields().any(|field| is_sensitive(&field)))
}

fn is_sensitive(field: &FieldDescriptor) -> bool {
    let Some(extension) = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.sensitive") else {
        return false;
    };
    field.options().get_extension(&extension).as_bool().unwrap_or_default()
}
