//! Messages whose fields are in any order and given more than once: each is first indexed, then printed in the order of its field
//! numbers.

use std::ops::Range;

use super::error::Result;
use super::print::{Printer, message_bytes};
use super::print_scalar::is_packable;
use super::table::{Cardinality, Field, Kind, Message};
use super::wire::{Raw, Reader};

/// One occurrence of a known field.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'w> {
    pub field: usize,
    pub value: Raw<'w>,
}

impl<'w> Printer<'_, '_, 'w> {
    /// The members of a message's object.
    pub(super) fn indexed_members(
        &mut self,
        message: &Message,
        wire: &'w [u8],
        first: &mut bool,
    ) -> Result<()> {
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

    fn member(&mut self, field: &Field, run: Range<usize>, first: &mut bool) -> Result<()> {
        if !self.options.always_print_primitive_fields && self.is_default(field, &run) {
            return Ok(());
        }
        self.name(field, first);
        self.field(field, run)
    }

    fn is_default(&self, field: &Field, run: &Range<usize>) -> bool {
        match field.cardinality {
            Cardinality::Singular => !field.presence && self.entries[run.end - 1].value.is_default(),
            Cardinality::Map => false,
            Cardinality::Repeated { .. } => {
                // Packed values may be none.
                is_packable(field.kind)
                    && self.entries[run.clone()].iter().all(|entry| entry.value == Raw::Bytes(&[]))
            }
        }
    }

    /// The value of a field, from all its occurrences.
    pub(super) fn field(&mut self, field: &Field, run: Range<usize>) -> Result<()> {
        match field.cardinality {
            Cardinality::Singular => self.merged(field.kind, run),
            Cardinality::Repeated { .. } => self.list(field, run),
            Cardinality::Map => self.map(field, run),
        }
    }

    /// Of scalars the last one counts; messages are merged, which is what protobuf does with their bytes one behind the other.
    pub(super) fn merged(&mut self, kind: Kind, run: Range<usize>) -> Result<()> {
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
        self.part().message(id, &merged)
    }

    pub(super) fn list(&mut self, field: &Field, run: Range<usize>) -> Result<()> {
        self.writer.open(b'[')?;
        let (mut first, mut count) = (true, 0);
        for at in run {
            self.elements(field.kind, self.entries[at].value, &mut first, &mut count)?;
        }
        self.writer.close(b']', first);
        Ok(())
    }
}
