//! Random messages of every contract, against prost-reflect's independent implementation of ProtoJSON.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value as Field,
};

use super::*;

/// Random bytes, read as whatever is needed; zeros once they are used up.
struct Entropy<'e>(&'e [u8]);

impl Entropy<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn word(&mut self) -> u64 {
        // Small numbers, and ones of all lengths.
        let length = self.byte() % 9;
        (0..length).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    fn text(&mut self) -> String {
        const CHARS: [char; 16] = [
            'a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\u{0}', '\u{7f}', 'é', '\u{2028}', '😀', '<', '_', '.',
        ];
        (0..self.byte() % 6).map(|_| CHARS[usize::from(self.byte() % 16)]).collect()
    }

    #[allow(clippy::cast_possible_truncation)]
    fn scalar(&mut self, kind: &Kind) -> Field {
        match kind {
            // Of few digits: serde_json reads others with an error in the last bit. `number` has tests of all.
            Kind::Double => Field::F64(f64::from((self.word() as u16).cast_signed()) / 8.0),
            Kind::Float => Field::F32(f32::from((self.word() as u16).cast_signed()) / 8.0),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Field::I32((self.word() as u32).cast_signed()),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Field::I64(self.word().cast_signed()),
            Kind::Uint32 | Kind::Fixed32 => Field::U32(self.word() as u32),
            Kind::Uint64 | Kind::Fixed64 => Field::U64(self.word()),
            Kind::Bool => Field::Bool(self.byte() % 2 == 1),
            Kind::String => Field::String(self.text()),
            Kind::Bytes => Field::Bytes((0..self.byte() % 8).map(|_| self.byte()).collect::<Vec<_>>().into()),
            Kind::Enum(of) => {
                let values: Vec<i32> = of.values().map(|value| value.number()).collect();
                Field::EnumNumber(values[usize::from(self.byte()) % values.len()])
            }
            Kind::Message(_) => unreachable!("messages are made by `message`"),
        }
    }

    fn value(&mut self, kind: &Kind, depth: usize) -> Option<Field> {
        let Kind::Message(message) = kind else { return Some(self.scalar(kind)) };
        let (seconds, nanos) = (i64::from(self.byte()) * 1_000_003, i32::from(self.byte()) * 3_900_000);
        let mut made = DynamicMessage::new(message.clone());
        match message.full_name() {
            "google.protobuf.Timestamp" | "google.protobuf.Duration" => {
                made.set_field_by_number(1, Field::I64(seconds));
                made.set_field_by_number(2, Field::I32(nanos));
            }
            "google.protobuf.FieldMask" => {
                let paths = (0..self.byte() % 3).map(|_| Field::String("foo_bar.baz".into()));
                made.set_field_by_number(1, Field::List(paths.collect()));
            }
            // An empty one has no JSON in prost-reflect.
            "google.protobuf.Any" => return None,
            "google.protobuf.Struct" | "google.protobuf.ListValue" => {}
            "google.protobuf.Value" => made.set_field_by_number(3, Field::String(self.text())),
            _ if depth == 0 => return None,
            _ => return Some(Field::Message(self.message(message, depth - 1))),
        }
        Some(Field::Message(made))
    }

    fn message(&mut self, message: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut made = DynamicMessage::new(message.clone());
        for field in message.fields().filter(|_| !self.byte().is_multiple_of(3)).collect::<Vec<_>>() {
            if field.is_map() {
                let Kind::Message(entry) = field.kind() else { continue };
                let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
                let entries = (0..self.byte() % 3).filter_map(|_| {
                    let key = match self.scalar(&key.kind()) {
                        Field::Bool(value) => MapKey::Bool(value),
                        Field::I32(value) => MapKey::I32(value),
                        Field::I64(value) => MapKey::I64(value),
                        Field::U32(value) => MapKey::U32(value),
                        Field::U64(value) => MapKey::U64(value),
                        Field::String(value) => MapKey::String(value),
                        _ => return None,
                    };
                    Some((key, self.value(&value.kind(), depth)?))
                });
                let entries = entries.collect();
                made.set_field(&field, Field::Map(entries));
            } else if field.is_list() {
                let values = (0..self.byte() % 3).filter_map(|_| self.value(&field.kind(), depth));
                let values = values.collect();
                made.set_field(&field, Field::List(values));
            } else if let Some(value) = self.value(&field.kind(), depth) {
                made.set_field(&field, value);
            }
        }
        made
    }
}

/// Ours and theirs print the same values, and each reads what the other printed.
fn agree(codec: &JsonCodec, message: &MessageDescriptor, entropy: &[u8]) {
    let wire = Entropy(entropy).message(message, 3).encode_to_vec();
    let made = DynamicMessage::decode(message.clone(), wire.as_slice()).unwrap();
    let mut ours = Vec::new();
    codec.to_json(message.full_name(), &wire, &PrintOptions::default(), &mut ours).unwrap();
    let mut ours_again = Vec::new();
    let backwards = backwards(&made);
    codec.to_json(message.full_name(), &backwards, &PrintOptions::default(), &mut ours_again).unwrap();
    assert!(ours == ours_again, "{}", String::from_utf8_lossy(&ours));
    let theirs = serde_json::to_vec(&made).unwrap();
    for json in [&ours, &theirs] {
        let mut read = Vec::new();
        codec.from_json(message.full_name(), json, &ParseOptions::default(), &mut read).unwrap();
        let read = DynamicMessage::decode(message.clone(), read.as_slice()).unwrap();
        same(&read, &made);
    }
    let mut source = serde_json::Deserializer::from_slice(&ours);
    let read = DynamicMessage::deserialize(message.clone(), &mut source).unwrap();
    same(&read, &made);
}

/// The same message with its fields in the other order.
fn backwards(message: &DynamicMessage) -> Vec<u8> {
    let mut fields: Vec<FieldDescriptor> = made_of(message).collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.number()));
    let mut wire = Vec::new();
    for field in fields {
        let mut one = DynamicMessage::new(message.descriptor());
        one.set_field(&field, message.get_field(&field).into_owned());
        one.encode(&mut wire).unwrap();
    }
    wire
}

/// Compares field by field: the `Debug` of a message that can hold itself does not end.
fn same(one: &DynamicMessage, other: &DynamicMessage) {
    for field in made_of(one).chain(made_of(other)) {
        let (one, other) = (one.get_field(&field), other.get_field(&field));
        assert!(one == other, "{}: {one} is not {other}", field.full_name());
    }
}

fn made_of(message: &DynamicMessage) -> impl Iterator<Item = FieldDescriptor> {
    message.fields().map(|(field, _)| field)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_contract_agrees(entropy in proptest::collection::vec(any::<u8>(), 0..600)) {
        for message in CONTRACTS.all_messages() {
            if message.full_name().starts_with("shopmesh.") && !message.is_map_entry() {
                agree(contracts(), &message, &entropy);
            }
        }
    }

    #[test]
    fn every_kind_of_field_agrees(entropy in proptest::collection::vec(any::<u8>(), 0..1200)) {
        agree(codec(), &CORNER_CASES.get_message_by_name(ALL).unwrap(), &entropy);
    }
}
