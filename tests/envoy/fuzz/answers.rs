//! Random answers of the contracts' types, on the wire.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

use crate::support::noise::Noise;

/// An answer of this type.
pub fn answer(kind: &MessageDescriptor, noise: &mut Noise) -> DynamicMessage {
    if kind.full_name() != "google.api.HttpBody" {
        return message(kind, noise, 0);
    }
    let mut answer = DynamicMessage::new(kind.clone());
    answer.set_field_by_name("content_type", Value::String("text/plain".to_owned()));
    answer.set_field_by_name("data", Value::Bytes(b"\0\xff text"[..].into()));
    answer
}

/// A message. Deeper ones have fewer fields.
fn message(kind: &MessageDescriptor, noise: &mut Noise, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(kind.clone());
    for field in kind.fields() {
        if noise.below(4) < depth {
            continue;
        }
        let value = if field.is_list() {
            Value::List((0..noise.below(4)).map(|_| value(&field, noise, depth)).collect())
        } else {
            value(&field, noise, depth)
        };
        message.set_field(&field, value);
    }
    message
}

const NUMBERS: &[i64] =
    &[0, 1, -1, 250, i32::MAX as i64, i32::MIN as i64, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MIN];

fn value(field: &FieldDescriptor, noise: &mut Noise, depth: usize) -> Value {
    let number = NUMBERS[noise.below(NUMBERS.len())];
    match field.kind() {
        Kind::Bool => Value::Bool(noise.once_in(2)),
        Kind::String => Value::String(
            noise
                .pick(&[
                    "",
                    "x",
                    "</script>",
                    "caf\u{e9} \u{2615}\u{1f375}",
                    "a\"b\\c/d",
                    "line\nbreak\ttab\r\u{8}\u{c}",
                    "\u{0}\u{1}\u{1f}\u{7f}\u{80}",
                    "\u{2028}\u{2029}\u{feff}\u{ffff}",
                    "'&=+%20",
                    "\u{10ffff}",
                ])
                .to_owned(),
        ),
        Kind::Bytes => Value::Bytes([&b""[..], b"\x00\xff\xfe", b"text"][noise.below(3)].into()),
        Kind::Enum(kind) => {
            let values: Vec<_> = kind.values().collect();
            Value::EnumNumber(if noise.once_in(12) {
                9999
            } else {
                values[noise.below(values.len())].number()
            })
        }
        Kind::Message(kind) => match kind.full_name() {
            "google.protobuf.Timestamp" => {
                moment(&kind, [0, 1, -1, 1_770_091_506, 253_402_300_799][noise.below(5)], noise)
            }
            "google.protobuf.Duration" => moment(&kind, [0, 1, 90, 315_576_000_000][noise.below(4)], noise),
            _ => Value::Message(message(&kind, noise, depth + 1)),
        },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(i32::try_from(number).unwrap_or(i32::MAX)),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(u32::try_from(number).unwrap_or(u32::MAX)),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(u64::try_from(number).unwrap_or(u64::MAX)),
        kind @ (Kind::Double | Kind::Float) => unreachable!("no public answer has a {kind:?}"),
    }
}

/// Seconds and nanoseconds.
fn moment(kind: &MessageDescriptor, seconds: i64, noise: &mut Noise) -> Value {
    let mut moment = DynamicMessage::new(kind.clone());
    moment.set_field_by_name("seconds", Value::I64(seconds));
    let nanos = [0, 500_000_000, 1_000, 1][noise.below(4)];
    moment.set_field_by_name("nanos", Value::I32(nanos));
    Value::Message(moment)
}
