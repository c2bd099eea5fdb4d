//! The subset of `buf.validate` that the contracts may use, and the names of resources, read into plain values. Anything outside it is a
//! problem that fails the build: a rule that is written is a rule that is enforced.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, Value};

use super::text_kind::{self, TextKind};

/// Rules of one field.
#[derive(Default)]
pub struct FieldRules {
    pub required: bool,
    pub scalar: ScalarRules,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub unique: bool,
    pub items: Option<ScalarRules>,
}

/// Rules of a value, or of each item of a list.
#[derive(Default, Clone)]
pub struct ScalarRules {
    pub min_len: Option<u64>,
    pub max_len: Option<u64>,
    pub pattern: Option<String>,
    pub uuid: bool,
    /// Of a string.
    pub text: Option<TextKind>,
    pub gte: Option<i64>,
    pub lte: Option<i64>,
    pub not_in: Vec<i64>,
    pub defined_only: bool,
}

impl ScalarRules {
    /// Whether a hostile value of this kind is bounded.
    fn bounds(&self, kind: &Kind) -> bool {
        match kind {
            Kind::String => self.max_len.is_some() || self.pattern.is_some() || self.uuid,
            // No request carries bytes yet: give them a check in `validate/checks.rs` first.
            Kind::Bytes => false,
            Kind::Enum(_) => self.defined_only,
            Kind::Bool | Kind::Message(_) => true,
            _ => self.gte.is_some() || self.lte.is_some(),
        }
    }
}

/// Reads the rules of a field that a request can carry.
pub fn read(field: &FieldDescriptor, problems: &mut Vec<String>) -> FieldRules {
    let mut rules = FieldRules::default();
    let extension = field.parent_pool().get_extension_by_name("buf.validate.field");
    let options = field.options();
    let stated = extension.filter(|extension| options.has_extension(extension));
    if let Some(message) =
        stated.and_then(|extension| options.get_extension(&extension).as_message().cloned())
    {
        for (option, value) in message.fields() {
            match (option.name(), value) {
                ("required", value) => rules.required = value.as_bool().unwrap_or_default(),
                ("repeated", Value::Message(list)) => read_list(field, list, &mut rules, problems),
                (_, Value::Message(scalar)) => rules.scalar = read_scalar(field, scalar, problems),
                (other, _) => {
                    problems.push(format!("{}: rule `{other}` is not supported", field.full_name()))
                }
            }
        }
    }
    read_resource(field, &mut rules, problems);
    read_text_kind(field, &mut rules, problems);
    if !is_bounded(field, &rules) {
        problems.push(format!("{}: a request field needs a bound in buf.validate", field.full_name()));
    }
    rules
}

/// An id in the name of a resource: a ULID.
const ID: &str = "[0-9A-HJKMNP-TV-Z]{26}";

/// `shopmesh.policy.v1.resource`, which stands for a pattern.
fn read_resource(field: &FieldDescriptor, rules: &mut FieldRules, problems: &mut Vec<String>) {
    let extension = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.resource");
    let options = field.options();
    let Some(extension) = extension.filter(|extension| options.has_extension(extension)) else { return };
    let value = options.get_extension(&extension);
    let name = value.as_str().unwrap_or_default();
    let mut problem = |text: &str| problems.push(format!("{}: {text}", field.full_name()));
    if field.kind() != Kind::String {
        return problem("only a string has (shopmesh.policy.v1.resource)");
    }
    let is_part = |letter: char| letter.is_ascii_lowercase() || "_/*(|)?".contains(letter);
    if !name.contains('*') || !name.chars().all(is_part) {
        problem("a resource is lower-case words, `/` and `*`, such as `orders/ord_*`");
    }
    let scalar = if field.is_list() { rules.items.get_or_insert_default() } else { &mut rules.scalar };
    if scalar.pattern.is_some() {
        problem("a resource has its pattern already");
    }
    let pattern = format!("^{}$", name.replace('*', ID));
    check_pattern(field, &pattern, scalar, problems);
    scalar.pattern = Some(pattern);
}

fn read_text_kind(field: &FieldDescriptor, rules: &mut FieldRules, problems: &mut Vec<String>) {
    if field.kind() != Kind::String {
        if text_kind::stated(field).is_some() {
            problems.push(format!("{}: only a string has (shopmesh.policy.v1.text)", field.full_name()));
        }
        return;
    }
    let scalar = if field.is_list() { rules.items.get_or_insert_default() } else { &mut rules.scalar };
    scalar.text = text_kind_of(field, scalar);
    if scalar.text.is_none() {
        problems.push(format!(
            "{}: a string of a request states its kind by (shopmesh.policy.v1.text)",
            field.full_name()
        ));
    }
}

/// The kind of a string, or of the strings of a list. `None` when neither stated nor to be told.
fn text_kind_of(field: &FieldDescriptor, rules: &ScalarRules) -> Option<TextKind> {
    if let Some(number) = text_kind::stated(field) {
        return TextKind::of_number(number);
    }
    match field.name() {
        _ if rules.pattern.is_some() => Some(TextKind::Pattern),
        _ if rules.uuid => Some(TextKind::Uuid),
        // AIP-158 and AIP-154.
        "page_token" | "etag" => Some(TextKind::Token),
        // AIP-160.
        "filter" => Some(TextKind::Query),
        _ if text_kind::is_output_only(field) => Some(TextKind::Line),
        _ => None,
    }
}

fn is_bounded(field: &FieldDescriptor, rules: &FieldRules) -> bool {
    if !field.is_list() {
        return !field.is_map() && rules.scalar.bounds(&field.kind());
    }
    let items = rules.items.clone().unwrap_or_default();
    rules.max_items.is_some() && items.bounds(&field.kind())
}

fn read_list(
    field: &FieldDescriptor,
    list: &DynamicMessage,
    rules: &mut FieldRules,
    problems: &mut Vec<String>,
) {
    for (option, value) in list.fields() {
        match (option.name(), value) {
            ("min_items", value) => rules.min_items = value.as_u64(),
            ("max_items", value) => rules.max_items = value.as_u64(),
            ("unique", value) => rules.unique = value.as_bool().unwrap_or_default(),
            ("items", Value::Message(items)) => {
                for (_, kind) in items.fields() {
                    if let Value::Message(scalar) = kind {
                        rules.items = Some(read_scalar(field, scalar, problems));
                    }
                }
            }
            (other, _) => {
                problems.push(format!("{}: rule `repeated.{other}` is not supported", field.full_name()))
            }
        }
    }
}

fn read_scalar(field: &FieldDescriptor, scalar: &DynamicMessage, problems: &mut Vec<String>) -> ScalarRules {
    let mut rules = ScalarRules::default();
    for (option, value) in scalar.fields() {
        match option.name() {
            "min_len" => rules.min_len = value.as_u64(),
            "max_len" => rules.max_len = value.as_u64(),
            "pattern" => rules.pattern = value.as_str().map(str::to_owned),
            "uuid" => rules.uuid = value.as_bool().unwrap_or_default(),
            "gte" => rules.gte = integer(value),
            "lte" => rules.lte = integer(value),
            "not_in" => {
                rules.not_in = value.as_list().unwrap_or_default().iter().filter_map(integer).collect()
            }
            "defined_only" => rules.defined_only = value.as_bool().unwrap_or_default(),
            other => problems.push(format!("{}: rule `{other}` is not supported", field.full_name())),
        }
    }
    if let Some(pattern) = &rules.pattern {
        check_pattern(field, pattern, &rules, problems);
    }
    rules
}

fn check_pattern(field: &FieldDescriptor, pattern: &str, rules: &ScalarRules, problems: &mut Vec<String>) {
    if !(pattern.starts_with('^') && pattern.ends_with('$')) {
        problems.push(format!("{}: a pattern is anchored with ^ and $", field.full_name()));
    }
    // Text that fits needs no normalization then, and has a longest length.
    match regex_syntax::ParserBuilder::new().unicode(false).utf8(true).build().parse(pattern) {
        Ok(hir) if hir.properties().maximum_len().is_none() && rules.max_len.is_none() => {
            problems.push(format!("{}: a pattern without an end needs a max_len", field.full_name()))
        }
        Ok(_) => {}
        Err(error) => problems.push(format!("{}: a pattern is of ASCII: {error}", field.full_name())),
    }
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}
