//! The wire to JSON.
//!
//! The wire may hold fields in any order and more than once, but encoders write them once and in the order of their numbers. So a text
//! is first printed as it is read; where that order is broken, it is begun anew, with each message indexed first (`print_index`). It is
//! begun anew only once, so that a message takes time by its size, whatever it holds.

use super::error::{JsonError, Result};
use super::options::PrintOptions;
use super::print_index::Entry;
use super::print_scalar::{is_packable, packed_value};
use super::table::{Cardinality, Field, Kind, MessageId, Shape, Tables};
use super::wire::{Raw, Reader, Tag};
use super::writer::Writer;

/// Prints one message.
pub struct Printer<'c, 'o, 'w> {
    pub(super) tables: &'c Tables,
    pub(super) options: &'c PrintOptions,
    pub(super) writer: Writer<'o>,
    /// The indexes of all messages that are being printed, innermost last.
    pub(super) entries: Vec<Entry<'w>>,
    order: Order,
}

/// What is known of the order of fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// It is that of their numbers, so far.
    Kept,
    /// It is not: what is printed must be begun anew.
    Broken,
    /// It is any: messages are indexed.
    Any,
}

impl<'c, 'o, 'w> Printer<'c, 'o, 'w> {
    /// Prints with `part`, which may be called twice.
    pub fn print(
        tables: &'c Tables,
        options: &'c PrintOptions,
        writer: Writer<'o>,
        part: impl Fn(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let mark = writer.mark();
        let mut printer = Self { tables, options, writer, entries: Vec::new(), order: Order::Kept };
        match part(&mut printer) {
            Err(_) if printer.order == Order::Broken => {
                printer.writer.rewind(mark);
                printer.entries.clear();
                printer.order = Order::Any;
                part(&mut printer)
            }
            printed => printed,
        }
    }

    /// A printer of a part of the text that stands elsewhere on the wire. Only messages out of order have such parts.
    pub(super) fn part<'p>(&'p mut self) -> Printer<'p, 'p, 'p> {
        Printer {
            tables: self.tables,
            options: self.options,
            writer: self.writer.reborrow(),
            entries: Vec::new(),
            order: Order::Any,
        }
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
        if self.order == Order::Any {
            return self.indexed_members(message, wire, first);
        }
        let mut reader = Reader::new(wire);
        // Fields before `next` are done with.
        let (mut next, mut oneofs) = (0, 0_u64);
        let mut tag = reader.next_tag()?;
        while let Some(this) = tag {
            let Some(index) = message.field_near(next, this.number) else {
                reader.value_of(this)?;
                tag = reader.next_tag()?;
                continue;
            };
            let field = &message.fields[index];
            let member = field.oneof.map_or(Some(0), |oneof| 1_u64.checked_shl(u32::try_from(oneof).ok()?));
            let Some(member) = member.filter(|member| index >= next && oneofs & member == 0) else {
                return Err(self.out_of_order());
            };
            oneofs |= member;
            self.absent(&message.fields[next..index], first);
            next = index + 1;
            tag = self
                .run(field, this, &mut reader, first)
                .map_err(|error| error.in_field(&field.json_name))?;
        }
        self.absent(&message.fields[next..], first);
        Ok(())
    }

    /// Gives up on this way of printing.
    fn out_of_order(&mut self) -> JsonError {
        self.order = Order::Broken;
        JsonError::new(String::new())
    }

    /// A member from here, with all its values; returns the tag behind them.
    fn run(
        &mut self,
        field: &Field,
        tag: Tag,
        reader: &mut Reader<'w>,
        first: &mut bool,
    ) -> Result<Option<Tag>> {
        match field.cardinality {
            Cardinality::Singular => {
                let value = reader.value_of(tag)?;
                if field.presence || self.options.always_print_primitive_fields || !value.is_default() {
                    self.name(field, first);
                    self.element(field.kind, value)?;
                }
                reader.next_tag()
            }
            Cardinality::Repeated { .. } => self.list_run(field, tag, reader, first),
            Cardinality::Map => {
                let (start, mut next) = (self.entries.len(), Some(tag));
                while let Some(tag) = next.filter(|next| next.number == tag.number) {
                    self.entries.push(Entry { field: 0, value: reader.value_of(tag)? });
                    next = reader.next_tag()?;
                }
                self.name(field, first);
                self.map(field, start..self.entries.len())?;
                self.entries.truncate(start);
                Ok(next)
            }
        }
    }

    fn list_run(
        &mut self,
        field: &Field,
        tag: Tag,
        reader: &mut Reader<'w>,
        first: &mut bool,
    ) -> Result<Option<Tag>> {
        let (mut next, mut opened) = (Some(tag), false);
        let (mut first_element, mut count) = (true, 0);
        while let Some(tag) = next.filter(|next| next.number == tag.number) {
            let value = reader.value_of(tag)?;
            // Packed values may be none.
            let is_empty = is_packable(field.kind) && value == Raw::Bytes(&[]);
            if !opened && (!is_empty || self.options.always_print_primitive_fields) {
                opened = true;
                self.name(field, first);
                self.writer.open(b'[')?;
            }
            self.elements(field.kind, value, &mut first_element, &mut count)?;
            next = reader.next_tag()?;
        }
        if opened {
            self.writer.close(b']', first_element);
        }
        Ok(next)
    }

    /// The elements that one value of a list holds.
    pub(super) fn elements(
        &mut self,
        kind: Kind,
        value: Raw<'w>,
        first: &mut bool,
        count: &mut usize,
    ) -> Result<()> {
        let Raw::Bytes(packed) = value else { return self.next_element(kind, value, first, count) };
        if !is_packable(kind) {
            return self.next_element(kind, value, first, count);
        }
        let mut reader = Reader::new(packed);
        while !reader.is_empty() {
            let value = packed_value(kind, &mut reader)?;
            self.next_element(kind, value, first, count)?;
        }
        Ok(())
    }

    fn next_element(
        &mut self,
        kind: Kind,
        value: Raw<'w>,
        first: &mut bool,
        count: &mut usize,
    ) -> Result<()> {
        self.writer.separate(first);
        self.element(kind, value).map_err(|error| error.in_index(*count))?;
        *count += 1;
        Ok(())
    }

    fn element(&mut self, kind: Kind, value: Raw<'w>) -> Result<()> {
        match kind {
            Kind::Message(id) | Kind::Group(id) => self.message(id, message_bytes(value)?),
            kind => self.scalar(kind, value),
        }
    }

    /// Members for fields that are not on the wire, if asked for.
    pub(super) fn absent(&mut self, fields: &[Field], first: &mut bool) {
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

    pub(super) fn name(&mut self, field: &Field, first: &mut bool) {
        let proto_names = self.options.preserve_proto_field_names;
        self.writer.key(if proto_names { &field.keys.proto } else { &field.keys.json }, first);
    }
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
