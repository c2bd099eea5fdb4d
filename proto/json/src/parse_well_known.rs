//! The well-known types whose JSON is not an object of their fields.

use super::calendar::{mask_path_from_json, parse_duration, parse_timestamp};
use super::error::{JsonError, Result};
use super::parse::{Parser, put_tag, twice};
use super::scalar::Scalars;
use super::table::{Kind, MessageId, Shape, Tables};
use super::wire;

/// Numbers of the members of `google.protobuf.Value`.
pub mod value {
    pub const NULL: u32 = 1;
    pub const NUMBER: u32 = 2;
    pub const STRING: u32 = 3;
    pub const BOOL: u32 = 4;
    pub const STRUCT: u32 = 5;
    pub const LIST: u32 = 6;
}

impl Parser<'_, '_> {
    pub(super) fn well_known(&mut self, shape: Shape, id: MessageId, out: &mut Vec<u8>) -> Result<()> {
        let tables = self.tables;
        match shape {
            Shape::Plain => self.plain(id, false, out),
            Shape::Any => self.any(out),
            Shape::Timestamp | Shape::Duration | Shape::FieldMask => {
                let text = self.lexer.string()?;
                self.scalars().message_text(id, &text, out)
            }
            Shape::Wrapper => self.wrapped(id, out),
            Shape::Struct => self.map(tables.only_field(id), out),
            Shape::ListValue => self.list(tables.only_field(id), out),
            Shape::Value => self.any_json(id, out),
        }
    }

    fn wrapped(&mut self, id: MessageId, out: &mut Vec<u8>) -> Result<()> {
        let field = self.tables.only_field(id);
        let start = out.len();
        put_tag(field, out);
        let value = out.len();
        self.scalar(field.kind, out)?;
        if out[value..].iter().all(|byte| *byte == 0) {
            out.truncate(start);
        }
        Ok(())
    }

    /// `google.protobuf.Value`: whatever JSON comes next.
    fn any_json(&mut self, id: MessageId, out: &mut Vec<u8>) -> Result<()> {
        match self.lexer.peek() {
            Some(b'"') => {
                let text = self.lexer.string()?;
                wire::put_bytes_field(value::STRING, text.as_bytes(), out);
            }
            Some(b'{') => self.value_member(id, value::STRUCT, out)?,
            Some(b'[') => self.value_member(id, value::LIST, out)?,
            _ if self.lexer.word("null") => wire::put_varint_field(value::NULL, 0, out),
            _ if self.lexer.word("true") => wire::put_varint_field(value::BOOL, 1, out),
            _ if self.lexer.word("false") => wire::put_varint_field(value::BOOL, 0, out),
            _ => {
                wire::put_fixed64_tag(value::NUMBER, out);
                let text = self.lexer.number()?;
                self.scalars().number(Kind::Double, text, out)?;
            }
        }
        Ok(())
    }

    fn value_member(&mut self, id: MessageId, number: u32, out: &mut Vec<u8>) -> Result<()> {
        let message = &self.tables[id];
        let field = message.field_numbered(number).map(|index| &message.fields[index]);
        match field.map(|field| field.kind) {
            Some(Kind::Message(of)) => {
                wire::put_bytes_tag(number, out);
                let length = wire::begin_length(out);
                self.message(of, out)?;
                wire::end_length(length, out);
                Ok(())
            }
            _ => Err(JsonError::new("google.protobuf.Value is not as protobuf defines it")),
        }
    }

    /// `{"@type": url, ...}` with the message's own fields, or with `value` if its JSON is no object of fields.
    fn any(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let start = self.lexer.clone();
        let Some(url) = self.type_url()? else { return Ok(()) };
        self.lexer = start;
        let id = self.tables.message_by_url(&url).ok_or_else(|| {
            JsonError::new("must be `type.googleapis.com/` and a known message").in_field("@type")
        })?;
        wire::put_bytes_field(1, url.as_bytes(), out);
        let before = out.len();
        wire::put_bytes_tag(2, out);
        let length = wire::begin_length(out);
        match self.tables[id].shape {
            Shape::Plain => self.plain(id, true, out)?,
            _ => self.any_value(id, out)?,
        }
        if wire::is_empty(&length, out) {
            out.truncate(before);
        } else {
            wire::end_length(length, out);
        }
        Ok(())
    }

    /// Looks ahead for `@type`, which need not come first. None for an empty object, which is an empty `Any`.
    fn type_url(&mut self) -> Result<Option<String>> {
        self.lexer.open_object()?;
        let mut first = true;
        while let Some(key) = self.lexer.member(&mut first)? {
            if key == "@type" {
                let url = self.lexer.string().map_err(|error| error.in_field("@type"))?;
                return Ok(Some(url.into_owned()));
            }
            self.lexer.skip_value()?;
        }
        if first { Ok(None) } else { Err(JsonError::new("an Any needs an \"@type\"")) }
    }

    fn any_value(&mut self, id: MessageId, out: &mut Vec<u8>) -> Result<()> {
        self.lexer.open_object()?;
        let (mut first, mut typed, mut valued) = (true, false, false);
        while let Some(key) = self.lexer.member(&mut first)? {
            let again = match &*key {
                "@type" => {
                    self.lexer.skip_value()?;
                    std::mem::replace(&mut typed, true)
                }
                "value" if valued => true,
                "value" => {
                    self.message(id, out).map_err(|error| error.in_field("value"))?;
                    std::mem::replace(&mut valued, true)
                }
                _ => {
                    self.unknown(&key)?;
                    false
                }
            };
            if again {
                return Err(twice().in_field(&key));
            }
        }
        if valued { Ok(()) } else { Err(JsonError::new("is missing").in_field("value")) }
    }
}

impl Scalars<'_> {
    /// The content of a message that a text can stand for: times, durations, masks, wrappers and values.
    pub fn message_text(self, id: MessageId, text: &str, out: &mut Vec<u8>) -> Result<()> {
        match self.tables[id].shape {
            Shape::Timestamp => self.seconds(parse_timestamp(text)?, out),
            Shape::Duration => self.seconds(parse_duration(text)?, out),
            Shape::FieldMask => {
                for path in text.split(',').filter(|_| !text.is_empty()) {
                    wire::put_bytes_field(1, mask_path_from_json(path)?.as_bytes(), out);
                }
            }
            Shape::Wrapper => {
                let field = self.tables.only_field(id);
                put_tag(field, out);
                self.text(field.kind, text, out)?;
            }
            Shape::Value => wire::put_bytes_field(value::STRING, text.as_bytes(), out),
            _ => return Err(JsonError::new("a message cannot be given as one text; name one of its fields")),
        }
        Ok(())
    }

    fn seconds(self, (seconds, nanos): (i64, i32), out: &mut Vec<u8>) {
        if seconds != 0 || self.overrides {
            wire::put_varint_field(1, seconds.cast_unsigned(), out);
        }
        if nanos != 0 || self.overrides {
            wire::put_varint_field(2, i64::from(nanos).cast_unsigned(), out);
        }
    }
}

impl Tables {
    /// Whether [`Scalars::message_text`] can read it.
    pub fn has_text_form(&self, id: MessageId) -> bool {
        use Shape::{Duration, FieldMask, Timestamp, Value, Wrapper};
        matches!(self[id].shape, Timestamp | Duration | FieldMask | Wrapper | Value)
    }
}
