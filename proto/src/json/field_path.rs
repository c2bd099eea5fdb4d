//! Fields deep inside of a message, named by a dotted path and set from text: path segments and query parameters.

use super::error::{JsonError, Result};
use super::parse::put_tag;
use super::scalar::Scalars;
use super::table::{Cardinality, Field, Kind, MessageId, Shape};
use super::wire::{self, MAX_DEPTH, Raw, Reader};
use super::{JsonCodec, ParseOptions};

/// A field of a message or of one of its messages, such as `product.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPath {
    steps: Vec<(MessageId, usize)>,
}

/// What text can set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafClass {
    /// One scalar.
    Scalar,
    /// One message with a text form: a time, a duration, a field mask, a wrapper.
    Text,
    /// A list of either: each text appends.
    Repeated,
    /// Nothing: other messages, and maps.
    None,
}

impl JsonCodec {
    /// Finds a field by a dotted path of proto or JSON names through messages; none if there is none.
    pub fn field_path(&self, message: MessageId, path: &str) -> Option<FieldPath> {
        let mut steps = Vec::new();
        let mut at = Some(message);
        for name in path.split('.') {
            let id = at?;
            let message = &self.tables[id];
            if message.shape != Shape::Plain || steps.len() == MAX_DEPTH {
                return None;
            }
            let index = message.field_named(name)?;
            let field = &message.fields[index];
            at = match (field.cardinality, field.kind) {
                (Cardinality::Singular, Kind::Message(id)) => Some(id),
                _ => None,
            };
            steps.push((id, index));
        }
        Some(FieldPath { steps })
    }

    /// What text can set the field.
    pub fn leaf_class(&self, path: &FieldPath) -> LeafClass {
        let leaf = self.leaf(path);
        let one = match leaf.kind {
            Kind::Message(id) if self.tables.has_text_form(id) => LeafClass::Text,
            Kind::Message(_) | Kind::Group(_) => LeafClass::None,
            _ => LeafClass::Scalar,
        };
        match (leaf.cardinality, one) {
            (Cardinality::Singular, one) => one,
            (Cardinality::Map, _) | (_, LeafClass::None) => LeafClass::None,
            (Cardinality::Repeated { .. }, _) => LeafClass::Repeated,
        }
    }

    /// The path in JSON names.
    pub fn path_name(&self, path: &FieldPath) -> String {
        let names: Vec<&str> =
            path.steps.iter().map(|(id, index)| &*self.tables[*id].fields[*index].json_name).collect();
        names.join(".")
    }

    /// Appends the field, set to what `text` says. Behind other fields of the same message this overrides or, for a list, adds.
    ///
    /// # Errors
    /// If the text is not of the field's type.
    pub fn bind(
        &self,
        path: &FieldPath,
        text: &str,
        options: &ParseOptions,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let scalars = Scalars { tables: &self.tables, any_case_enums: options.case_insensitive_enum };
        let leaf = self.leaf(path);
        let mut value = Vec::new();
        let written = match leaf.kind {
            Kind::Message(id) => {
                let mut content = Vec::new();
                let written = scalars.message_text(id, text, &mut content);
                wire::put_bytes(&content, &mut value);
                written
            }
            Kind::Group(_) => Err(JsonError::new("cannot be set by text")),
            kind => scalars.text(kind, text, &mut value),
        };
        written.map_err(|error| error.in_field(&self.path_name(path)))?;
        let mut message = Vec::with_capacity(value.len() + 2);
        put_tag(leaf, &mut message);
        message.extend_from_slice(&value);
        for (id, index) in path.steps.iter().rev().skip(1) {
            let mut outer = Vec::with_capacity(message.len() + 4);
            wire::put_bytes_field(self.tables[*id].fields[*index].number, &message, &mut outer);
            message = outer;
        }
        out.extend_from_slice(&message);
        Ok(())
    }

    /// Whether both messages hold the field, with different values.
    ///
    /// # Errors
    /// If either is no valid message.
    pub fn disagree(&self, path: &FieldPath, one: &[u8], other: &[u8]) -> Result<bool> {
        let (one, other) = (self.last_leaf(&path.steps, one)?, self.last_leaf(&path.steps, other)?);
        Ok(one.is_some() && other.is_some() && one != other)
    }

    fn leaf(&self, path: &FieldPath) -> &Field {
        let (id, index) = path.steps[path.steps.len() - 1];
        &self.tables[id].fields[index]
    }

    /// The value that counts: the last one, wherever the messages around it were split.
    fn last_leaf<'w>(&self, steps: &[(MessageId, usize)], wire: &'w [u8]) -> Result<Option<Raw<'w>>> {
        let [(id, index), inner @ ..] = steps else { return Ok(None) };
        let wanted = self.tables[*id].fields[*index].number;
        let mut last = None;
        let mut reader = Reader::new(wire);
        while let Some((number, value)) = reader.field()? {
            match value {
                _ if number != wanted => {}
                value if inner.is_empty() => last = Some(value),
                Raw::Bytes(message) => last = self.last_leaf(inner, message)?.or(last),
                _ => {}
            }
        }
        Ok(last)
    }
}

impl FieldPath {
    /// Whether this is `other` or a field inside of it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.steps.starts_with(&other.steps)
    }
}
