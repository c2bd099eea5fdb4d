//! Maps on the wire to JSON.

use std::ops::Range;

use super::error::{JsonError, Result};
use super::print::{Printer, message_bytes, wrong_wire_type};
use super::table::{Field, Kind};
use super::wire::{Raw, Reader, low_bits, zigzag64};

/// The key of a map entry, ordered so that a map always prints the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'w> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Text(&'w str),
}

impl Printer<'_, '_, '_> {
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
                kind => self.merged(kind, run),
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
