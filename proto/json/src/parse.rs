//! JSON to the wire, in one pass over the text.

use std::collections::HashSet;

use super::error::{JsonError, Result};
use super::lexer::Lexer;
use super::options::ParseOptions;
use super::scalar::{Scalars, mismatch};
use super::table::{Cardinality, Field, Kind, MessageId, Shape, Tables};
use super::wire;

/// Reads one JSON text.
pub struct Parser<'c, 'j> {
    pub(super) tables: &'c Tables,
    pub(super) options: &'c ParseOptions,
    pub(super) lexer: Lexer<'j>,
}

/// Which fields and oneofs of a message were given.
struct SeenFields {
    /// Of the first ones, which is all of most messages.
    first: u64,
    more: Vec<u64>,
}

impl SeenFields {
    fn new(count: usize) -> Self {
        Self { first: 0, more: vec![0; count.div_ceil(64).saturating_sub(1)] }
    }

    /// False if it was there already.
    fn insert(&mut self, index: usize) -> bool {
        let bit = 1 << (index % 64);
        let word = match (index / 64).checked_sub(1) {
            None => &mut self.first,
            Some(at) => &mut self.more[at],
        };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

impl<'c, 'j> Parser<'c, 'j> {
    pub fn new(tables: &'c Tables, options: &'c ParseOptions, text: &'j str) -> Self {
        Self { tables, options, lexer: Lexer::new(text) }
    }

    /// The content of a message, from the value that comes next.
    pub fn message(&mut self, id: MessageId, out: &mut Vec<u8>) -> Result<()> {
        match self.tables[id].shape {
            Shape::Plain => self.plain(id, false, out),
            shape => self.well_known(shape, id, out),
        }
    }

    /// An object of fields; inside of an `Any` also with its `@type`, which was read already.
    pub(super) fn plain(&mut self, id: MessageId, in_any: bool, out: &mut Vec<u8>) -> Result<()> {
        let message = &self.tables[id];
        let (oneofs_at, type_at) = (message.fields.len(), message.fields.len() + message.oneofs.len());
        let mut given = SeenFields::new(type_at + 1);
        self.lexer.open_object()?;
        // Many clients write members in the order of the contract.
        let (mut first, mut next) = (true, 0);
        while let Some(key) = self.lexer.member(&mut first)? {
            let Some(index) = message.field_named_near(next, &key) else {
                if in_any && key == "@type" {
                    if !given.insert(type_at) {
                        return Err(twice().in_field("@type"));
                    }
                    self.lexer.skip_value()?;
                    continue;
                }
                self.unknown(&key)?;
                continue;
            };
            next = index + 1;
            let field = &message.fields[index];
            if !given.insert(index) {
                return Err(twice().in_field(&field.json_name));
            }
            if self.is_null_for(field) {
                continue;
            }
            if let Some(oneof) = field.oneof
                && !given.insert(oneofs_at + oneof)
            {
                let problem = format!("another member of `{}` is given too", message.oneofs[oneof]);
                return Err(JsonError::new(problem).in_field(&field.json_name));
            }
            self.field(field, out).map_err(|error| error.in_field(&field.json_name))?;
        }
        Ok(())
    }

    /// A key that names no field: skipped or refused.
    pub(super) fn unknown(&mut self, key: &str) -> Result<()> {
        if self.options.ignore_unknown_fields {
            return self.lexer.skip_value();
        }
        Err(JsonError::new("there is no such field").in_field(key))
    }

    /// Takes a `null` that means "not set".
    pub fn is_null_for(&mut self, field: &Field) -> bool {
        let null_is_a_value = field.cardinality == Cardinality::Singular && self.null_is_a_value(field.kind);
        !null_is_a_value && self.lexer.word("null")
    }

    fn null_is_a_value(&self, kind: Kind) -> bool {
        match kind {
            Kind::Enum(id) => self.tables[id].null,
            Kind::Message(id) => self.tables[id].shape == Shape::Value,
            _ => false,
        }
    }

    /// A field of any cardinality, with its tags.
    pub fn field(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        match field.cardinality {
            Cardinality::Singular => self.singular(field, out),
            Cardinality::Repeated { packed: true } => self.packed(field, out),
            Cardinality::Repeated { packed: false } => self.list(field, out),
            Cardinality::Map => self.map(field, out),
        }
    }

    fn singular(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        put_tag(field, out);
        let value = out.len();
        self.value(field, out)?;
        // Nothing is written for the zero of a field without presence. All zeros are zero bytes: a longer value has a length first.
        if !field.presence && out[value..].iter().all(|byte| *byte == 0) {
            out.truncate(start);
        }
        Ok(())
    }

    /// One value behind its tag.
    fn value(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        match field.kind {
            Kind::Message(id) => {
                let length = wire::begin_length(out);
                self.message(id, out)?;
                wire::end_length(length, out);
                Ok(())
            }
            Kind::Group(id) => {
                self.message(id, out)?;
                wire::put_group_end(field.number, out);
                Ok(())
            }
            kind => self.scalar(kind, out),
        }
    }

    pub(super) fn scalar(&mut self, kind: Kind, out: &mut Vec<u8>) -> Result<()> {
        match self.lexer.peek() {
            Some(b'"') => {
                let text = self.lexer.string()?;
                self.scalars().string(kind, &text, out)
            }
            Some(b'-' | b'0'..=b'9') => {
                let text = self.lexer.number()?;
                self.scalars().number(kind, text, out)
            }
            _ if self.lexer.word("true") => Scalars::bool(kind, true, out),
            _ if self.lexer.word("false") => Scalars::bool(kind, false, out),
            _ if self.null_is_a_value(kind) && self.lexer.word("null") => {
                out.push(0);
                Ok(())
            }
            _ => {
                // Text that is no JSON at all is told first.
                self.lexer.skip_value()?;
                Err(mismatch(kind))
            }
        }
    }

    pub(super) fn scalars(&self) -> Scalars<'c> {
        Scalars::new(self.tables, self.options)
    }

    /// A list whose elements each have a tag.
    pub(super) fn list(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        self.elements(field, out, |parser, out| {
            put_tag(field, out);
            parser.value(field, out)
        })
    }

    fn packed(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        wire::put_bytes_tag(field.number, out);
        let length = wire::begin_length(out);
        self.elements(field, out, |parser, out| parser.scalar(field.kind, out))?;
        if wire::is_empty(&length, out) {
            out.truncate(start);
            return Ok(());
        }
        wire::end_length(length, out);
        Ok(())
    }

    fn elements(
        &mut self,
        field: &Field,
        out: &mut Vec<u8>,
        mut element: impl FnMut(&mut Self, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        self.lexer.open_list()?;
        let mut first = true;
        let mut index = 0;
        while self.lexer.element(&mut first)? {
            self.refuse_null(field.kind)
                .and_then(|()| element(self, out))
                .map_err(|error| error.in_index(index))?;
            index += 1;
        }
        Ok(())
    }

    fn refuse_null(&mut self, kind: Kind) -> Result<()> {
        if !self.null_is_a_value(kind) && self.lexer.word("null") {
            return Err(JsonError::new("must not be null in a list or map"));
        }
        Ok(())
    }

    pub(super) fn map(&mut self, field: &Field, out: &mut Vec<u8>) -> Result<()> {
        let Kind::Message(entry) = field.kind else { return Err(mismatch(field.kind)) };
        let [key_field, value_field] = self.tables[entry].fields.as_slice() else {
            return Err(mismatch(field.kind));
        };
        self.lexer.open_object()?;
        let mut keys: HashSet<Vec<u8>> = HashSet::new();
        let mut first = true;
        while let Some(key) = self.lexer.member(&mut first)? {
            let mut key_bytes = Vec::new();
            self.map_entry(field, (key_field, value_field), &key, &mut key_bytes, out)
                .and_then(|()| if keys.insert(key_bytes) { Ok(()) } else { Err(twice()) })
                .map_err(|error| error.in_key(&key))?;
        }
        Ok(())
    }

    fn map_entry(
        &mut self,
        field: &Field,
        (key_field, value_field): (&Field, &Field),
        key: &str,
        key_bytes: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.scalars().text(key_field.kind, key, key_bytes)?;
        self.refuse_null(value_field.kind)?;
        wire::put_bytes_tag(field.number, out);
        let length = wire::begin_length(out);
        // Key and value are always written: some readers fail on entries that lack one.
        put_tag(key_field, out);
        out.extend_from_slice(key_bytes);
        put_tag(value_field, out);
        self.value(value_field, out)?;
        wire::end_length(length, out);
        Ok(())
    }
}

/// The tag of one value that is not packed.
pub fn put_tag(field: &Field, out: &mut Vec<u8>) {
    match field.kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => wire::put_fixed64_tag(field.number, out),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => wire::put_fixed32_tag(field.number, out),
        Kind::String | Kind::Bytes | Kind::Message(_) => wire::put_bytes_tag(field.number, out),
        Kind::Group(_) => wire::put_group_start(field.number, out),
        _ => wire::put_varint_tag(field.number, out),
    }
}

pub(super) fn twice() -> JsonError {
    JsonError::new("is given twice")
}
