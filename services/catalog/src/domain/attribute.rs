//! Typed attributes and the definitions that fix their types.

/// Most definitions a shop may have: they are listed in one answer.
pub const MAX_DEFINITIONS: usize = 1000;

/// Type of an attribute's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Free text.
    Text,
    /// A decimal number.
    Number,
    /// Yes or no.
    Flag,
}

impl AttributeType {
    /// The word shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Flag => "FLAG",
        }
    }
}

/// What an attribute key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeDefinition {
    /// Key, unique in the shop.
    pub key: String,
    /// Shown name.
    pub title: String,
    /// Type of its values.
    pub kind: AttributeType,
    /// Unit of a number; may be empty.
    pub unit: String,
}

/// One attribute of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Key of its definition.
    pub key: String,
    /// The value.
    pub value: AttributeValue,
}

/// A typed value. Numbers stay decimal text: the catalog never calculates with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Free text.
    Text(String),
    /// A decimal such as `12.5`.
    Number(String),
    /// Yes or no.
    Flag(bool),
}

impl AttributeValue {
    /// Bytes of the value.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(value) | Self::Number(value) => value.len(),
            Self::Flag(_) => 1,
        }
    }

    /// The type this value has.
    pub fn kind(&self) -> AttributeType {
        match self {
            Self::Text(_) => AttributeType::Text,
            Self::Number(_) => AttributeType::Number,
            Self::Flag(_) => AttributeType::Flag,
        }
    }
}
