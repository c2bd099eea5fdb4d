//! The wire to JSON. The wire may hold fields in any order and more than once: each message is first indexed, then printed in the order
//! of its field numbers.

use std::ops::Range;

use super::PrintOptions;
use super::error::{JsonError, Result};
use super::number::{write_double, write_float};
use super::table::{Cardinality, Field, Kind, Message, MessageId, Shape, Tables};
use super::wire::{Raw, Reader, low_bits, zigzag64};
use super::writer::Writer;

/// One occurrence of a known field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'w> {
    pub field: usize,
    pub value: Raw<'w>,
}

/// Prints one message.
pub struct Printer<'c, 'o, 'w> {
    pub(super) tables: &'c Tables,
    pub(super) options: &'c PrintOptions,
    pub(super) writer: Writer<'o>,
    /// The indexes of all messages that are being printed, innermost last.
    pub(super) entries: Vec<Entry<'w>>,
}

/// The key of a map entry, ordered so that a map always prints the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'w> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Text(&'w str),
}

impl<'c, 'o, 'w> Printer<'c, 'o, 'w> {
    pub fn new(tables: &'c Tables, options: &'c PrintOptions, writer: Writer<'o>) -> Self {
        Self { tables, options, writer, entries: Vec::new() }
    }

    /// The JSON of a message.
    pub fn message(&mut self, id: MessageId, wire: &'w [u8]) -> Result<()> {
        let shape = self.tables[id].shape;
        if shape != Shape::Plain {
            return self.well_known(shape, id, wire);
        }
        self.writer.open(b'{')?;
        let mut first = true;
        self.members(id, wire, &mut first)?;
        self.writer.close(b'}', first);
        Ok(())
    }

    /// The members of a message's object, without its braces.
    pub(super) fn members(&mut self, id: MessageId, wire: &'w [u8], first: &mut bool) -> Result<()> {
        let message = &self.tables[id];
        let index = self.index(message, wire)?;
        let (mut at, mut next_field) = (index.start, 0);
        while at < index.end {
            let field = self.entries[at].field;
            self.absent(&message.fields[next_field..field], first);
            let run = at..at + self.entries[at..index.end].partition_point(|entry| entry.field == field);
            (at, next_field) = (run.end, field + 1);
            let field = &message.fields[field];
            self.member(field, run, first).map_err(|error| error.in_field(&field.json_name))?;
        }
        self.absent(&message.fields[next_field..], first);
        self.entries.truncate(index.start);
        Ok(())
    }

    /// Puts the fields of a message on the stack of entries, ordered by number; of a oneof only the member that came last.
    pub(super) fn index(&mut self, message: &Message, wire: &'w [u8]) -> Result<Range<usize>> {
        let start = self.entries.len();
        let mut ordered = true;
        // Of each oneof, the member that came last and the entry from which on it counts.
        let mut members: Vec<Option<(usize, usize)>> = Vec::new();
        let mut replaced = false;
        let mut reader = Reader::new(wire);
        while let Some((number, value)) = reader.field()? {
            let Some(field) = message.field_numbered(number) else { continue };
            if let Some(oneof) = message.fields[field].oneof {
                members.resize(message.oneofs.len(), None);
                let member = members[oneof].get_or_insert((field, self.entries.len()));
                if member.0 != field {
                    *member = (field, self.entries.len());
                    replaced = true;
                }
            }
            ordered &= self.entries[start..].last().is_none_or(|last| last.field <= field);
            self.entries.push(Entry { field, value });
        }
        if replaced {
            let mut at = start;
            let tail = self.entries.split_off(start);
            self.entries.extend(tail.into_iter().filter(|entry| {
                let oneof = message.fields[entry.field].oneof;
                let member = oneof.and_then(|oneof| members[oneof]);
                at += 1;
                member.is_none_or(|(field, since)| entry.field == field && at > since)
            }));
        }
        if !ordered {
            self.entries[start..].sort_by_key(|entry| entry.field);
        }
        Ok(start..self.entries.len())
    }

    /// Members for fields that are not on the wire, if asked for.
    fn absent(&mut self, fields: &[Field], first: &mut bool) {
        if !self.options.always_print_primitive_fields {
            return;
        }
        for field in fields.iter().filter(|field| !field.presence) {
            self.name(field, first);
            self.absent_value(field);
        }
    }

    /// The value of a field that is not on the wire.
    pub(super) fn absent_value(&mut self, field: &Field) {
        match (field.cardinality, field.kind) {
            (Cardinality::Repeated { .. }, _) => self.writer.literal("[]"),
            (Cardinality::Map, _) => self.writer.literal("{}"),
            (Cardinality::Singular, Kind::Message(_) | Kind::Group(_)) => self.writer.literal("null"),
            (Cardinality::Singular, kind) => self.zero(kind),
        }
    }

    fn name(&mut self, field: &Field, first: &mut bool) {
        self.writer.separate(first);
        let proto_names = self.options.preserve_proto_field_names;
        self.writer.name(if proto_names { &field.name } else { &field.json_name });
    }

    fn member(&mut self, field: &Field, run: Range<usize>, first: &mut bool) -> Result<()> {
        if !self.options.always_print_primitive_fields && self.is_default(field, &run)? {
            return Ok(());
        }
        self.name(field, first);
        self.field(field, run)
    }

    fn is_default(&self, field: &Field, run: &Range<usize>) -> Result<bool> {
        let last = self.entries[run.end - 1].value;
        Ok(match field.cardinality {
            Cardinality::Singular => !field.presence && last.is_default(),
            Cardinality::Map => false,
            Cardinality::Repeated { .. } => {
                // Packed values may be none.
                is_packable(field.kind)
                    && self.entries[run.clone()].iter().all(|entry| entry.value == Raw::Bytes(&[]))
            }
        })
    }

    /// The value of a field, from all its occurrences.
    pub(super) fn field(&mut self, field: &Field, run: Range<usize>) -> Result<()> {
        match field.cardinality {
            Cardinality::Singular => self.singular(field.kind, run),
            Cardinality::Repeated { .. } => self.list(field, run),
            Cardinality::Map => self.map(field, run),
        }
    }

    /// Of scalars the last one counts; messages are merged, which is what protobuf does with their bytes one behind the other.
    fn singular(&mut self, kind: Kind, run: Range<usize>) -> Result<()> {
        let (Kind::Message(id) | Kind::Group(id)) = kind else {
            return self.scalar(kind, self.entries[run.end - 1].value);
        };
        if run.len() == 1 {
            return self.message(id, message_bytes(self.entries[run.start].value)?);
        }
        let mut merged = Vec::new();
        for entry in &self.entries[run] {
            merged.extend_from_slice(message_bytes(entry.value)?);
        }
        Printer::new(self.tables, self.options, self.writer.reborrow()).message(id, &merged)
    }

    pub(super) fn list(&mut self, field: &Field, run: Range<usize>) -> Result<()> {
        self.writer.open(b'[')?;
        let mut first = true;
        let mut index = 0;
        for at in run {
            match (self.entries[at].value, field.kind) {
                (Raw::Bytes(packed), kind) if is_packable(kind) => {
                    let mut reader = Reader::new(packed);
                    while !reader.is_empty() {
                        self.writer.separate(&mut first);
                        let value = packed_value(kind, &mut reader)?;
                        self.scalar(kind, value).map_err(|error| error.in_index(index))?;
                        index += 1;
                    }
                }
                (value, kind) => {
                    self.writer.separate(&mut first);
                    self.element(kind, value).map_err(|error| error.in_index(index))?;
                    index += 1;
                }
            }
        }
        self.writer.close(b']', first);
        Ok(())
    }

    fn element(&mut self, kind: Kind, value: Raw<'w>) -> Result<()> {
        match kind {
            Kind::Message(id) | Kind::Group(id) => self.message(id, message_bytes(value)?),
            kind => self.scalar(kind, value),
        }
    }

    /// Prints a map ordered by its keys; of entries with the same key the last one counts.
    pub(super) fn map(&mut self, field: &Field, run: Range<usize>) -> Result<()> {
        let Kind::Message(id) = field.kind else { return Err(wrong_wire_type()) };
        let entry = &self.tables[id];
        let [key_field, value_field] = entry.fields.as_slice() else { return Err(wrong_wire_type()) };
        let mut items = Vec::with_capacity(run.len());
        for at in run {
            let bytes = message_bytes(self.entries[at].value)?;
            items.push((map_key(key_field, bytes)?, bytes));
        }
        items.sort_by_key(|(key, _)| *key);
        self.writer.open(b'{')?;
        let mut first = true;
        for (at, (key, bytes)) in items.iter().enumerate() {
            if items.get(at + 1).is_some_and(|(next, _)| next == key) {
                continue;
            }
            self.writer.separate(&mut first);
            self.map_key(*key);
            let index = self.index(entry, bytes)?;
            let values = self.entries[index.clone()].partition_point(|entry| entry.field == 0);
            let run = index.start + values..index.end;
            let printed = match value_field.kind {
                Kind::Message(id) if run.is_empty() => self.message(id, &[]),
                kind if run.is_empty() => {
                    self.zero(kind);
                    Ok(())
                }
                kind => self.singular(kind, run),
            };
            self.entries.truncate(index.start);
            printed.map_err(|error| error.in_key(&key.to_string()))?;
        }
        self.writer.close(b'}', first);
        Ok(())
    }

    fn map_key(&mut self, key: Key<'_>) {
        match key {
            Key::Bool(value) => self.writer.literal(if value { "\"true\"" } else { "\"false\"" }),
            Key::Signed(value) => self.writer.quoted_integer(value),
            Key::Unsigned(value) => self.writer.quoted_integer(value),
            Key::Text(text) => self.writer.string(text),
        }
        self.writer.colon();
    }

    /// The zero of a scalar.
    pub(super) fn zero(&mut self, kind: Kind) {
        match kind {
            Kind::Bool => self.writer.literal("false"),
            Kind::String | Kind::Bytes => self.writer.literal("\"\""),
            Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => {
                self.writer.literal("\"0\"")
            }
            Kind::Enum(_) => self.enum_value(kind, 0),
            _ => self.writer.literal("0"),
        }
    }

    fn enum_value(&mut self, kind: Kind, number: i32) {
        let Kind::Enum(id) = kind else { return };
        let of = &self.tables[id];
        match of.name(number) {
            _ if of.null => self.writer.literal("null"),
            Some(name) if !self.options.always_print_enums_as_ints => {
                self.writer.out.push(b'"');
                self.writer.literal(name);
                self.writer.out.push(b'"');
            }
            _ => self.writer.integer(number),
        }
    }

    pub(super) fn scalar(&mut self, kind: Kind, value: Raw<'_>) -> Result<()> {
        let writer = &mut self.writer;
        match (kind, value) {
            (Kind::Double, Raw::Fixed64(bits)) => write_double(f64::from_bits(bits), writer.out),
            (Kind::Float, Raw::Fixed32(bits)) => write_float(f32::from_bits(bits), writer.out),
            (Kind::Int32, Raw::Varint(value)) => writer.integer(low_bits(value).cast_signed()),
            (Kind::Uint32, Raw::Varint(value)) => writer.integer(low_bits(value)),
            (Kind::Sint32, Raw::Varint(value)) => {
                writer.integer(zigzag64(u64::from(low_bits(value))));
            }
            (Kind::Int64, Raw::Varint(value)) => writer.quoted_integer(value.cast_signed()),
            (Kind::Uint64, Raw::Varint(value)) => writer.quoted_integer(value),
            (Kind::Sint64, Raw::Varint(value)) => writer.quoted_integer(zigzag64(value)),
            (Kind::Fixed32, Raw::Fixed32(value)) => writer.integer(value),
            (Kind::Sfixed32, Raw::Fixed32(value)) => writer.integer(value.cast_signed()),
            (Kind::Fixed64, Raw::Fixed64(value)) => writer.quoted_integer(value),
            (Kind::Sfixed64, Raw::Fixed64(value)) => writer.quoted_integer(value.cast_signed()),
            (Kind::Bool, Raw::Varint(value)) => writer.bool(value != 0),
            (Kind::Enum(_), Raw::Varint(value)) => self.enum_value(kind, low_bits(value).cast_signed()),
            (Kind::String, Raw::Bytes(text)) => writer.wire_string(text)?,
            (Kind::Bytes, Raw::Bytes(bytes)) => writer.base64(bytes),
            _ => return Err(wrong_wire_type()),
        }
        Ok(())
    }
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

fn map_key<'w>(field: &Field, entry: &'w [u8]) -> Result<Key<'w>> {
    let mut key = None;
    let mut reader = Reader::new(entry);
    while let Some((number, value)) = reader.field()? {
        if number == field.number {
            key = Some(value);
        }
    }
    Ok(match (field.kind, key) {
        (Kind::String, None) => Key::Text(""),
        (Kind::String, Some(Raw::Bytes(text))) => {
            Key::Text(std::str::from_utf8(text).map_err(|_| JsonError::new("a key is not UTF-8"))?)
        }
        (Kind::Bool, None) => Key::Bool(false),
        (Kind::Bool, Some(Raw::Varint(value))) => Key::Bool(value != 0),
        (_, None) => Key::Unsigned(0),
        (Kind::Int32, Some(Raw::Varint(value))) => Key::Signed(low_bits(value).cast_signed().into()),
        (Kind::Int64, Some(Raw::Varint(value))) => Key::Signed(value.cast_signed()),
        (Kind::Uint32, Some(Raw::Varint(value))) => Key::Unsigned(low_bits(value).into()),
        (Kind::Uint64, Some(Raw::Varint(value))) => Key::Unsigned(value),
        (Kind::Sint32 | Kind::Sint64, Some(Raw::Varint(value))) => Key::Signed(zigzag64(value)),
        (Kind::Fixed32, Some(Raw::Fixed32(value))) => Key::Unsigned(value.into()),
        (Kind::Sfixed32, Some(Raw::Fixed32(value))) => Key::Signed(value.cast_signed().into()),
        (Kind::Fixed64, Some(Raw::Fixed64(value))) => Key::Unsigned(value),
        (Kind::Sfixed64, Some(Raw::Fixed64(value))) => Key::Signed(value.cast_signed()),
        _ => return Err(wrong_wire_type()),
    })
}

fn packed_value<'w>(kind: Kind, reader: &mut Reader<'w>) -> Result<Raw<'w>> {
    Ok(match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Raw::Fixed64(reader.fixed64()?),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Raw::Fixed32(reader.fixed32()?),
        _ => Raw::Varint(reader.varint()?),
    })
}

fn is_packable(kind: Kind) -> bool {
    !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Group(_))
}

pub(super) fn message_bytes(value: Raw<'_>) -> Result<&[u8]> {
    match value {
        Raw::Bytes(bytes) | Raw::Group(bytes) => Ok(bytes),
        _ => Err(wrong_wire_type()),
    }
}

pub(super) fn wrong_wire_type() -> JsonError {
    JsonError::new("not a protobuf message: the wire type is not the field's")
}
