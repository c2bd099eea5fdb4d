//! Writes `impl Validate` for every message of the contracts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

use crate::{
    names, normalizers,
    rules::{self, FieldRules, ScalarRules},
    text_kind::TextKind,
};

/// Rust source of all validators. Only what a request can carry gets checks.
pub fn generate(pool: &DescriptorPool, problems: &mut Vec<String>) -> String {
    let ours = |message: &MessageDescriptor| message.package_name().starts_with("shopmesh.");
    let inputs: BTreeSet<String> = pool
        .services()
        .flat_map(|service| {
            service.methods().map(|method| method.input().full_name().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    let mut carried = BTreeSet::new();
    for name in &inputs {
        pool.get_message_by_name(name).into_iter().for_each(|message| reach(&message, &mut carried));
    }

    let mut patterns = Patterns::default();
    let mut source = String::new();
    for message in pool.all_messages().filter(|message| ours(message) && !message.is_map_entry()) {
        let (mut body, mut forms) = (String::new(), String::new());
        if carried.contains(message.full_name()) {
            body = message
                .fields()
                .map(|field| field_check(&message, &field, &mut patterns, problems))
                .collect();
            forms = normalizers::body(&message);
        }
        if !forms.is_empty() {
            forms = format!("    fn normalize(&mut self) {{\n{forms}    }}\n");
        }
        let is_request = inputs.contains(message.full_name());
        let arguments = if body.is_empty() {
            "_at: &mut FieldPath, _out: &mut Vec<Violation>"
        } else {
            "at: &mut FieldPath, out: &mut Vec<Violation>"
        };
        let _ = writeln!(
            source,
            "impl Validate for {} {{\n    const IS_REQUEST: bool = {is_request};\n{forms}    fn validate(&self, {arguments}) {{\n{body}    }}\n}}",
            names::type_path(&message)
        );
    }
    let _ = write!(source, "{patterns}");
    source
}

fn reach(message: &MessageDescriptor, carried: &mut BTreeSet<String>) {
    if carried.insert(message.full_name().to_owned()) {
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind() {
                reach(&inner, carried);
            }
        }
    }
}

fn field_check(
    message: &MessageDescriptor,
    field: &FieldDescriptor,
    patterns: &mut Patterns,
    problems: &mut Vec<String>,
) -> String {
    let rules = rules::read(field, problems);
    let (name, member) = (field.name(), names::field(field));
    if let Some(oneof) = field.containing_oneof().filter(|_| !field.supports_presence_as_optional()) {
        let path = names::oneof_path(message, oneof.name());
        let check = match field.kind() {
            Kind::Message(_) => "message(Some(value), false, at, out);".to_owned(),
            kind => value_check(&kind, "value", &rules.scalar, patterns),
        };
        if check.is_empty() {
            return String::new();
        }
        return format!(
            "        if let Some({path}::{}(value)) = &self.{} {{\n            at.field({name:?}, |at| {{ {check} }});\n        }}\n",
            names::camel(name),
            oneof.name()
        );
    }
    let check = if field.is_list() {
        list_check(field, &member, &rules, patterns)
    } else if matches!(field.kind(), Kind::Message(_)) {
        format!("message(self.{member}.as_ref(), {}, at, out);", rules.required)
    } else {
        value_check(&field.kind(), &format!("&self.{member}"), &rules.scalar, patterns)
    };
    if check.is_empty() { check } else { format!("        at.field({name:?}, |at| {{ {check} }});\n") }
}

fn list_check(field: &FieldDescriptor, member: &str, rules: &FieldRules, patterns: &mut Patterns) -> String {
    let (min, max) = (rules.min_items.unwrap_or(0), rules.max_items.unwrap_or(u64::MAX));
    let mut check = format!("items(&self.{member}, {min}, {max}, at, out);");
    if rules.unique {
        let _ = write!(check, " unique(&self.{member}, at, out);");
    }
    let item = match field.kind() {
        Kind::Message(_) => "message(Some(item), false, at, out);".to_owned(),
        kind => value_check(&kind, "item", &rules.items.clone().unwrap_or_default(), patterns),
    };
    if !item.is_empty() {
        let _ = write!(
            check,
            " for (index, item) in self.{member}.iter().enumerate().take({max}) {{ at.item(index, |at| {{ {item} }}); }}"
        );
    }
    check
}

fn value_check(kind: &Kind, value: &str, rules: &ScalarRules, patterns: &mut Patterns) -> String {
    match kind {
        Kind::String => {
            let pattern = rules.pattern.as_deref().map(|pattern| patterns.index(pattern));
            let pattern = pattern.map_or("None".to_owned(), |index| format!("Some(&PATTERNS[{index}])"));
            format!(
                "string({value}, &StringRules {{ min_len: {}, max_len: {}, pattern: {pattern}, kind: TextKind::{:?} }}, at, out);",
                rules.min_len.unwrap_or(0),
                rules.max_len.map_or("usize::MAX".to_owned(), |max| max.to_string()),
                // Without one the build fails.
                rules.text.unwrap_or(TextKind::Line)
            )
        }
        Kind::Enum(descriptor) => {
            let numbers: Vec<i32> = descriptor.values().map(|value| value.number()).collect();
            format!("enumeration(*{value}, &{numbers:?}, &{:?}, at, out);", rules.not_in)
        }
        Kind::Bool | Kind::Message(_) => String::new(),
        _ => format!(
            "integer(i64::from(*{value}), {}, {}, &{:?}, at, out);",
            rules.gte.map_or("i64::MIN".to_owned(), |bound| bound.to_string()),
            rules.lte.map_or("i64::MAX".to_owned(), |bound| bound.to_string()),
            rules.not_in
        ),
    }
}

/// Each pattern is compiled once, when it is first needed.
#[derive(Default)]
struct Patterns(BTreeMap<String, usize>);

impl Patterns {
    fn index(&mut self, pattern: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(pattern.to_owned()).or_insert(next)
    }
}

impl std::fmt::Display for Patterns {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut by_index: Vec<_> = self.0.iter().collect();
        by_index.sort_by_key(|(_, index)| **index);
        writeln!(out, "static PATTERNS: [Pattern; {}] = [", by_index.len())?;
        for (pattern, _) in by_index {
            writeln!(out, "    Pattern::new({pattern:?}),")?;
        }
        writeln!(out, "];")
    }
}

/// proto3 `optional` is a oneof of one field in the descriptor, but a plain `Option` in Rust.
trait Presence {
    fn supports_presence_as_optional(&self) -> bool;
}

impl Presence for FieldDescriptor {
    fn supports_presence_as_optional(&self) -> bool {
        self.containing_oneof().is_some_and(|oneof| oneof.is_synthetic())
    }
}
