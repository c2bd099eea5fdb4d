//! The codec: JSON of one message, or of one of its fields, to and from the wire.

use std::{borrow::Cow, sync::LazyLock};

use prost_reflect::DescriptorPool;

use super::error::{JsonError, Result};
use super::google;
use super::lexer::Lexer;
use super::options::{ParseOptions, PrintOptions};
use super::parse::Parser;
use super::print::{Printer, message_bytes};
use super::table::{Cardinality, Kind, MessageId, Tables};
use super::wire::Reader;
use super::writer::Writer;

/// Translates messages of one descriptor pool.
#[derive(Debug)]
pub struct JsonCodec {
    pub(super) tables: Tables,
}

impl JsonCodec {
    /// Compiles the tables.
    ///
    /// # Errors
    /// If two fields of a message have the same name in JSON.
    pub fn new(pool: &DescriptorPool) -> Result<Self> {
        Ok(Self { tables: Tables::compile(pool)? })
    }

    /// The codec of the messages of [`crate::google`].
    pub fn google() -> &'static Self {
        static CODEC: LazyLock<JsonCodec> = LazyLock::new(|| {
            JsonCodec::new(google::descriptor_pool()).expect("a test compiles these tables")
        });
        &CODEC
    }

    /// A message type by its full name, such as `google.rpc.Status`.
    pub fn message(&self, full_name: &str) -> Option<MessageId> {
        self.tables.message(full_name)
    }

    /// [`Self::print`] by name.
    ///
    /// # Errors
    /// Also if the codec does not know the message.
    pub fn to_json(&self, name: &str, wire: &[u8], options: &PrintOptions, out: &mut Vec<u8>) -> Result<()> {
        self.print(self.named(name)?, wire, options, out)
    }

    /// [`Self::parse`] by name.
    ///
    /// # Errors
    /// Also if the codec does not know the message.
    pub fn from_json(
        &self,
        name: &str,
        json: &[u8],
        options: &ParseOptions,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.parse(self.named(name)?, json, options, out)
    }

    fn named(&self, name: &str) -> Result<MessageId> {
        self.message(name).ok_or_else(|| JsonError::new(format!("unknown message type {name:?}")))
    }

    /// Appends the JSON of a message. What is in `out` after an error is of no use.
    ///
    /// # Errors
    /// If `wire` is no such message, or has no JSON form (text that is not UTF-8, an `Any` of unknown type, a time out of range).
    pub fn print(&self, id: MessageId, wire: &[u8], options: &PrintOptions, out: &mut Vec<u8>) -> Result<()> {
        let writer = Writer::new(out, options.add_whitespace);
        Printer::print(&self.tables, options, writer, |printer| printer.message(id, wire))
    }

    /// Appends the JSON of one top-level field, which may be a list or a scalar; one that is not set has its default, a message `null`.
    ///
    /// # Errors
    /// As [`Self::print`], or if there is no such field.
    pub fn print_field(
        &self,
        id: MessageId,
        field: &str,
        wire: &[u8],
        options: &PrintOptions,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let field = self.field_named(id, field)?;
        let writer = Writer::new(out, options.add_whitespace);
        Printer::print(&self.tables, options, writer, |printer| printer.only(id, field, wire))
    }

    /// Appends the message that a JSON text holds. What is in `out` after an error is of no use.
    ///
    /// # Errors
    /// If the text is no JSON, or not of this message.
    pub fn parse(&self, id: MessageId, json: &[u8], options: &ParseOptions, out: &mut Vec<u8>) -> Result<()> {
        let mut parser = Parser::new(&self.tables, options, utf8(json)?);
        parser.message(id, out)?;
        parser.lexer.end()
    }

    /// Appends one top-level field of a message, with its tag, from the JSON of that field's value.
    ///
    /// # Errors
    /// As [`Self::parse`], or if there is no such field.
    pub fn parse_field(
        &self,
        id: MessageId,
        field: &str,
        json: &[u8],
        options: &ParseOptions,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let field = &self.tables[id].fields[self.field_named(id, field)?];
        let mut parser = Parser::new(&self.tables, options, utf8(json)?);
        if !parser.is_null_for(field) {
            parser.field(field, out).map_err(|error| error.in_field(&field.json_name))?;
        }
        parser.lexer.end()
    }

    /// Whether the message has this top-level field, by proto or JSON name.
    pub fn has_field(&self, id: MessageId, field: &str) -> bool {
        self.tables[id].field_named(field).is_some()
    }

    /// The message type of a singular top-level field; none if the field is not one.
    pub fn field_message(&self, id: MessageId, field: &str) -> Option<MessageId> {
        let field = &self.tables[id].fields[self.tables[id].field_named(field)?];
        match (field.cardinality, field.kind) {
            (Cardinality::Singular, Kind::Message(id)) => Some(id),
            _ => None,
        }
    }

    /// The content of a singular top-level field that is a message; empty if it is not set.
    ///
    /// # Errors
    /// If `wire` is no such message.
    pub fn message_in<'w>(&self, id: MessageId, field: &str, wire: &'w [u8]) -> Result<Cow<'w, [u8]>> {
        let number = self.tables[id].fields[self.field_named(id, field)?].number;
        let mut content = Cow::Borrowed(&[][..]);
        let mut reader = Reader::new(wire);
        while let Some((at, value)) = reader.field()? {
            match message_bytes(value) {
                Ok(part) if at == number && content.is_empty() => content = Cow::Borrowed(part),
                Ok(part) if at == number => content.to_mut().extend_from_slice(part),
                _ => {}
            }
        }
        Ok(content)
    }

    /// The number of a top-level field.
    pub fn field_number(&self, id: MessageId, field: &str) -> Option<u32> {
        let message = &self.tables[id];
        message.field_named(field).map(|index| message.fields[index].number)
    }

    /// The full name of a message type.
    pub fn name(&self, id: MessageId) -> &str {
        &self.tables[id].name
    }

    fn field_named(&self, id: MessageId, field: &str) -> Result<usize> {
        let message = &self.tables[id];
        message
            .field_named(field)
            .ok_or_else(|| JsonError::new(format!("{} has no field {field:?}", message.name)))
    }
}

/// The elements of a JSON list, each as its own text.
///
/// # Errors
/// If the text is no JSON list.
pub fn list_elements(json: &[u8]) -> Result<Vec<&[u8]>> {
    let mut lexer = Lexer::new(utf8(json)?);
    let (mut elements, mut first) = (Vec::new(), true);
    lexer.open_list()?;
    while lexer.element(&mut first)? {
        elements.push(lexer.value_text()?.as_bytes());
    }
    lexer.end()?;
    Ok(elements)
}

fn utf8(json: &[u8]) -> Result<&str> {
    std::str::from_utf8(json).map_err(|_| JsonError::new("JSON must be UTF-8"))
}
