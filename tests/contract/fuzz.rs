//! Every rule of every request, of `buf.validate` and of the kind of its text, broken on purpose; and requests that are noise.

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use shopmesh_proto::policy::{MethodPolicy, v1::TextKind};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    caller::{Caller, types},
    examples, expected,
    promises::rpcs,
    world::World,
};
use crate::support::{json::to_wire, noise::Noise};

/// An example of each RPC with somebody who may send it.
async fn examples(world: &World) -> Vec<(&'static MethodPolicy, &Caller, Vec<u8>)> {
    let mut found = Vec::new();
    for policy in rpcs() {
        let Some(example) = examples::of(policy, world).await else { continue };
        let wire = to_wire(&types(policy).0, &example.body);
        found.push((policy, expected::allowed(world, policy, &example), wire));
    }
    found
}

#[tokio::test]
async fn every_rule_of_every_request_is_enforced_and_names_its_field() {
    let world = World::open().await;
    let (mut broken, mut wrong) = (0, Vec::new());
    for (policy, caller, wire) in examples(&world).await {
        let kind = shopmesh_proto::descriptor_pool().get_message_by_name(&types(policy).0).unwrap();
        let good = DynamicMessage::decode(kind, wire.as_slice()).unwrap();
        for (field, mutant) in mutants(&good) {
            broken += 1;
            let answer = caller.call_raw(policy, mutant.encode_to_vec()).await;
            if !answer.as_ref().is_err_and(|status| names(status, &field)) {
                wrong.push(format!("{}: {field}: {answer:?}: {mutant:?}", policy.path));
            }
        }
    }
    assert!(broken > 300, "{broken}");
    assert!(wrong.is_empty(), "{} of {broken} broken rules\n{}", wrong.len(), wrong.join("\n"));
}

fn names(status: &Status, field: &str) -> bool {
    let Some(bad) = status.get_details_bad_request() else { return false };
    status.code() == Code::InvalidArgument
        && bad.field_violations.iter().any(|violation| violation.field == field)
}

/// Messages with one broken rule each, and the path of the field that breaks it.
fn mutants(message: &DynamicMessage) -> Vec<(String, DynamicMessage)> {
    let mut mutants = Vec::new();
    for field in message.descriptor().fields() {
        let with = |value: Value| {
            let mut mutant = message.clone();
            mutant.set_field(&field, value);
            mutant
        };
        let name = field.name();
        mutants
            .extend(bad_values(&field).into_iter().map(|(at, value)| (format!("{name}{at}"), with(value))));
        if is_required(&field) {
            let mut mutant = message.clone();
            mutant.clear_field(&field);
            mutants.push((name.to_owned(), mutant));
        }
        if !message.has_field(&field) {
            continue;
        }
        match message.get_field(&field).as_ref() {
            Value::Message(inner) => {
                let inner = self::mutants(inner).into_iter();
                mutants
                    .extend(inner.map(|(at, inner)| (format!("{name}.{at}"), with(Value::Message(inner)))));
            }
            Value::List(items) => {
                let Some(Value::Message(first)) = items.first() else { continue };
                for (at, first) in self::mutants(first) {
                    let mut items = items.clone();
                    items[0] = Value::Message(first);
                    mutants.push((format!("{name}[0].{at}"), with(Value::List(items))));
                }
            }
            _ => {}
        }
    }
    mutants
}

/// The `buf.validate.field` option.
fn rules(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = field.parent_pool().get_extension_by_name("buf.validate.field")?;
    let options = field.options();
    options.has_extension(&extension).then(|| options.get_extension(&extension).as_message().unwrap().clone())
}

fn is_required(field: &FieldDescriptor) -> bool {
    rules(field).is_some_and(|rules| rules.get_field_by_name("required").unwrap().as_bool() == Some(true))
}

/// Values that break a rule of the field, each with where the violation is below the field.
fn bad_values(field: &FieldDescriptor) -> Vec<(&'static str, Value)> {
    let rules = rules(field);
    let of = |kind: &str| {
        let rules = rules.as_ref()?;
        rules
            .has_field_by_name(kind)
            .then(|| rules.get_field_by_name(kind).unwrap().as_message().unwrap().clone())
    };
    if field.is_list() {
        return of("repeated").map(|rules| bad_lists(field, &rules)).unwrap_or_default();
    }
    match field.kind() {
        Kind::String => {
            let mut texts = bad_texts(of("string").as_ref(), text_kind(field));
            if names_resource(field) {
                texts.push("not one of these \u{2603}".to_owned());
            }
            texts.into_iter().map(|text| ("", Value::String(text))).collect()
        }
        Kind::Int64 => {
            bad_numbers(of("int64").as_ref()).into_iter().map(|number| ("", Value::I64(number))).collect()
        }
        Kind::Int32 => {
            let numbers =
                bad_numbers(of("int32").as_ref()).into_iter().filter_map(|number| i32::try_from(number).ok());
            numbers.map(|number| ("", Value::I32(number))).collect()
        }
        Kind::Enum(_) if of("enum").is_some() => vec![("", Value::EnumNumber(9_999))],
        _ => Vec::new(),
    }
}

fn number(rules: &DynamicMessage, name: &str) -> Option<i64> {
    if !rules.has_field_by_name(name) {
        return None;
    }
    match rules.get_field_by_name(name)?.as_ref() {
        Value::I64(number) => Some(*number),
        Value::I32(number) => Some((*number).into()),
        Value::U64(number) => i64::try_from(*number).ok(),
        _ => None,
    }
}

fn bad_numbers(rules: Option<&DynamicMessage>) -> Vec<i64> {
    let rule = |name| rules.and_then(|rules| number(rules, name));
    [rule("gte").map(|least| least - 1), rule("lte").map(|most| most + 1)].into_iter().flatten().collect()
}

/// The `shopmesh.policy.v1.text` option, if the field states one.
fn text_kind(field: &FieldDescriptor) -> TextKind {
    let extension = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.text").unwrap();
    let number = field.options().get_extension(&extension).as_enum_number().unwrap();
    TextKind::try_from(number).unwrap()
}

/// Whether the field states a `shopmesh.policy.v1.resource`.
fn names_resource(field: &FieldDescriptor) -> bool {
    let extension = field.parent_pool().get_extension_by_name("shopmesh.policy.v1.resource").unwrap();
    field.options().has_extension(&extension)
}

fn bad_texts(rules: Option<&DynamicMessage>, kind: TextKind) -> Vec<String> {
    // No text of a request holds a bell, whatever its own rules are.
    let of_kind: &[&str] = match kind {
        TextKind::Line => &["two\nlines", "turned \u{202E}around"],
        TextKind::Block => &["turned \u{202E}around"],
        TextKind::Password => &["tab\t in it"],
        TextKind::Email | TextKind::Region | TextKind::Token => &["not one of these \u{2603}"],
        TextKind::Query | TextKind::Unspecified => &[],
    };
    let mut bad: Vec<String> = ["bell\u{7}"].iter().chain(of_kind).map(|text| (*text).to_owned()).collect();
    let Some(rules) = rules else { return bad };
    let rule = |name| number(rules, name).and_then(|count| usize::try_from(count).ok());
    bad.extend(rule("max_len").map(|most| "x".repeat(most + 1)));
    bad.extend(rule("min_len").filter(|least| *least > 0).map(|least| "x".repeat(least - 1)));
    if matches!(kind, TextKind::Line | TextKind::Block) && rule("min_len").is_some_and(|least| least > 0) {
        bad.push("\u{200B}\u{2800} ".to_owned());
    }
    if ["pattern", "uuid"].iter().any(|name| rules.has_field_by_name(name)) {
        bad.push("not one of these \u{2603}".to_owned());
    }
    bad
}

fn bad_lists(field: &FieldDescriptor, rules: &DynamicMessage) -> Vec<(&'static str, Value)> {
    let zero = match field.kind() {
        Kind::Message(kind) => Value::Message(DynamicMessage::new(kind)),
        Kind::String => Value::String(String::new()),
        _ => return Vec::new(),
    };
    let mut bad = Vec::new();
    if let Some(most) = number(rules, "max_items").and_then(|most| usize::try_from(most).ok()) {
        bad.push(("", Value::List(vec![zero; most + 1])));
    }
    if number(rules, "min_items").is_some_and(|least| least > 0) {
        bad.push(("", Value::List(Vec::new())));
    }
    if matches!(field.kind(), Kind::String) && (rules.has_field_by_name("items") || names_resource(field)) {
        bad.push(("[0]", Value::List(vec![Value::String("bell\u{7}".to_owned())])));
    }
    bad
}

#[tokio::test]
async fn noise_is_refused_and_breaks_nothing() {
    let world = World::open().await;
    let (mut noise, mut wrong) = (Noise(0x5EED), Vec::new());
    for (policy, caller, wire) in examples(&world).await {
        for _ in 0..16 {
            let mut bytes = wire.clone();
            match noise.below(3) {
                _ if bytes.is_empty() => {
                    bytes = (0..8).map(|_| u8::try_from(noise.below(256)).unwrap()).collect()
                }
                0 => bytes.truncate(noise.below(bytes.len())),
                1 => bytes.extend_from_within(..),
                _ => {
                    let at = noise.below(bytes.len());
                    bytes[at] = u8::try_from(noise.below(256)).unwrap();
                }
            }
            if let Err(status) = caller.call_raw(policy, bytes.clone()).await
                && matches!(
                    status.code(),
                    Code::Internal | Code::Unknown | Code::DataLoss | Code::Unavailable
                )
            {
                wrong.push(format!("{}: {status}: {bytes:?}", policy.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
