//! The well-known types whose JSON is not an object of their fields.

use super::calendar::{mask_path_to_json, write_duration, write_timestamp};
use super::error::{JsonError, Result};
use super::parse_well_known::value;
use super::print::{Printer, message_bytes, wrong_wire_type};
use super::table::{MessageId, Shape};
use super::wire::{Raw, Reader, low_bits};

impl<'w> Printer<'_, '_, 'w> {
    pub(super) fn well_known(&mut self, shape: Shape, id: MessageId, wire: &'w [u8]) -> Result<()> {
        let tables = self.tables;
        match shape {
            Shape::Timestamp | Shape::Duration => {
                let (seconds, nanos) = seconds_and_nanos(wire)?;
                return match shape {
                    Shape::Timestamp => write_timestamp(seconds, nanos, self.writer.out),
                    _ => write_duration(seconds, nanos, self.writer.out),
                };
            }
            Shape::FieldMask => return self.field_mask(wire),
            _ => {}
        }
        let index = self.index(&tables[id], wire)?;
        let start = index.start;
        match shape {
            Shape::Wrapper => {
                let kind = tables.only_field(id).kind;
                match self.last(start, 0) {
                    Some(value) => self.scalar(kind, value)?,
                    None => self.zero(kind),
                }
            }
            Shape::Struct if index.is_empty() => self.empty(b"{}")?,
            Shape::Struct => self.map(tables.only_field(id), index)?,
            Shape::ListValue => self.list(tables.only_field(id), index)?,
            Shape::Value => self.any_json(id, start)?,
            Shape::Any => self.any(start)?,
            Shape::Plain | Shape::Timestamp | Shape::Duration | Shape::FieldMask => {
                return Err(wrong_wire_type());
            }
        }
        self.entries.truncate(start);
        Ok(())
    }

    fn empty(&mut self, [open, close]: &[u8; 2]) -> Result<()> {
        self.writer.open(*open)?;
        self.writer.close(*close, true);
        Ok(())
    }

    /// The last occurrence of a field of the message indexed from `start` on.
    fn last(&self, start: usize, field: usize) -> Option<Raw<'w>> {
        self.entries[start..].iter().rev().find(|entry| entry.field == field).map(|entry| entry.value)
    }

    fn last_bytes(&self, start: usize, field: usize) -> Result<&'w [u8]> {
        match self.last(start, field) {
            None => Ok(&[]),
            Some(value) => message_bytes(value),
        }
    }

    fn field_mask(&mut self, wire: &[u8]) -> Result<()> {
        let mut paths = Vec::new();
        let mut reader = Reader::new(wire);
        while let Some((number, value)) = reader.field()? {
            if number == 1 {
                let path = std::str::from_utf8(message_bytes(value)?);
                paths.push(mask_path_to_json(path.map_err(|_| JsonError::new("text is not UTF-8"))?)?);
            }
        }
        self.writer.string(&paths.join(","));
        Ok(())
    }

    /// `google.protobuf.Value`: its one member, as JSON of its own.
    fn any_json(&mut self, id: MessageId, start: usize) -> Result<()> {
        let message = &self.tables[id];
        let Some(entry) = self.entries[start..].last().copied() else {
            return Err(JsonError::new("a google.protobuf.Value that holds nothing"));
        };
        let field = &message.fields[entry.field];
        match (field.number, entry.value) {
            (value::NUMBER, Raw::Fixed64(bits)) if !f64::from_bits(bits).is_finite() => {
                Err(JsonError::new("a google.protobuf.Value that is no JSON number"))
            }
            // `null`, also when its enum is not linked in.
            (value::NULL, Raw::Varint(_)) => {
                self.writer.literal("null");
                Ok(())
            }
            _ => {
                let end = self.entries.len();
                // All entries are of the one member that was set last.
                self.field(field, start..end)
            }
        }
    }

    fn any(&mut self, start: usize) -> Result<()> {
        let (url, content) = (self.last_bytes(start, 0)?, self.last_bytes(start, 1)?);
        if url.is_empty() && content.is_empty() {
            return self.empty(b"{}");
        }
        let url =
            std::str::from_utf8(url).map_err(|_| JsonError::new("text is not UTF-8").in_field("@type"))?;
        self.any_of(url, content)
    }

    /// The JSON of an `Any` that holds `content`.
    pub fn any_of(&mut self, url: &str, content: &'w [u8]) -> Result<()> {
        let known = self.tables.message_by_url(url);
        if known.is_none() && !self.options.unknown_any_as_base64 {
            return Err(JsonError::new(format!("unknown message type {url:?}")).in_field("@type"));
        }
        self.writer.open(b'{')?;
        let mut first = true;
        self.writer.key(b",\"@type\":", &mut first);
        self.writer.string(url);
        match known {
            Some(id) if self.tables[id].shape == Shape::Plain => self.members(id, content, &mut first)?,
            known => {
                self.writer.key(b",\"value\":", &mut first);
                match known {
                    Some(id) => self.message(id, content)?,
                    None => self.writer.base64(content),
                }
            }
        }
        self.writer.close(b'}', first);
        Ok(())
    }

    /// The value of one field of a message, as a JSON text of its own.
    pub fn only(&mut self, id: MessageId, field: usize, wire: &'w [u8]) -> Result<()> {
        let message = &self.tables[id];
        let index = self.index(message, wire)?;
        let from = index.start + self.entries[index.clone()].partition_point(|entry| entry.field < field);
        let to = index.start + self.entries[index.clone()].partition_point(|entry| entry.field <= field);
        let field = &message.fields[field];
        let printed = if from == to {
            self.absent_value(field);
            Ok(())
        } else {
            self.field(field, from..to)
        };
        self.entries.truncate(index.start);
        printed
    }
}

/// The fields of a `Timestamp` or `Duration`.
fn seconds_and_nanos(wire: &[u8]) -> Result<(i64, i32)> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut reader = Reader::new(wire);
    while let Some((number, value)) = reader.field()? {
        match (number, value) {
            (1, Raw::Varint(value)) => seconds = value.cast_signed(),
            (2, Raw::Varint(value)) => nanos = low_bits(value).cast_signed(),
            (1 | 2, _) => return Err(wrong_wire_type()),
            _ => {}
        }
    }
    Ok((seconds, nanos))
}
