//! Fields deep inside of a message, named by a dotted path and set from text: path segments and query parameters.

use super::codec::JsonCodec;
use super::error::{JsonError, Result};
use super::options::ParseOptions;
use super::parse::put_tag;
use super::scalar::Scalars;
use super::table::{Cardinality, Field, Kind, MessageId, Shape};
use super::wire::{self, MAX_DEPTH};

/// A field of a message or of one of its messages, such as `product.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath {
    pub(super) steps: Vec<Step>,
}

/// A message type and the index of a field in it.
pub(super) type Step = (MessageId, usize);

/// Where a dotted path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathTarget {
    /// To a field.
    Field(FieldPath),
    /// Into this field, of which text cannot set a part: a map, a list of messages, or a message of free form.
    Closed(FieldPath),
    /// Nowhere.
    Nothing,
}

/// What text can set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafClass {
    /// One scalar.
    Scalar,
    /// One message with a text form: a time, a duration, a field mask, a wrapper, or a `Value`, which becomes that text.
    Text,
    /// A list of either: each text appends.
    Repeated,
    /// Nothing: other messages, and maps.
    None,
}

impl JsonCodec {
    /// Finds a field by a dotted path of proto or JSON names; none if there is none that text could reach.
    pub fn field_path(&self, message: MessageId, path: &str) -> Option<FieldPath> {
        match self.path_target(message, path) {
            PathTarget::Field(path) => Some(path),
            PathTarget::Closed(_) | PathTarget::Nothing => None,
        }
    }

    /// Follows a dotted path of proto or JSON names through singular messages, well-known types such as `Timestamp` among them.
    pub fn path_target(&self, message: MessageId, path: &str) -> PathTarget {
        let (mut at, mut steps) = (message, Vec::new());
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            let message = &self.tables[at];
            let Some(index) = message.field_named(name).filter(|_| steps.len() < MAX_DEPTH) else {
                return PathTarget::Nothing;
            };
            steps.push((at, index));
            if names.peek().is_none() {
                break;
            }
            let field = &message.fields[index];
            match (field.cardinality, field.kind) {
                (Cardinality::Singular, Kind::Message(id)) if !self.tables[id].shape.is_free_form() => {
                    at = id
                }
                (_, Kind::Message(_) | Kind::Group(_)) => return PathTarget::Closed(FieldPath { steps }),
                _ => return PathTarget::Nothing,
            }
        }
        PathTarget::Field(FieldPath { steps })
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

    /// Appends the field, set to what `text` says. Behind other fields of the same message this overrides or, for a list or a field
    /// mask, adds.
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
        let scalars = Scalars::new(&self.tables, options).overriding();
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

    /// Whether what [`Self::bind`] writes joins what is there rather than replace it.
    pub fn joins(&self, path: &FieldPath) -> bool {
        let leaf = self.leaf(path);
        let is_mask = matches!(leaf.kind, Kind::Message(id) if self.tables[id].shape == Shape::FieldMask);
        leaf.cardinality != Cardinality::Singular || is_mask
    }

    pub(super) fn leaf(&self, path: &FieldPath) -> &Field {
        let (id, index) = path.steps[path.steps.len() - 1];
        &self.tables[id].fields[index]
    }
}

impl FieldPath {
    /// Whether this is `other` or a field inside of it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.steps.starts_with(&other.steps)
    }
}
