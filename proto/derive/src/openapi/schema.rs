//! JSON Schema, as far as it is used.

use serde::Serialize;
use serde_json::Value;

use super::members::{Members, as_object};

/// A schema. What is empty is not written.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Types::is_empty")]
    pub types: Types,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    #[serde(rename = "const", skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Self>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unique_items: bool,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    pub properties: Members<Self>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_properties: Option<Box<Self>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<Self>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Self>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub write_only: bool,
    #[serde(rename = "x-shopmesh-text", skip_serializing_if = "Option::is_none")]
    pub text: Option<&'static str>,
    #[serde(rename = "x-shopmesh-sensitive", skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// The type, or types, of a value; none is any.
#[derive(Debug, Clone, Default, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum Types {
    #[default]
    Any,
    One(&'static str),
    Several(Vec<&'static str>),
}

impl Types {
    fn is_empty(&self) -> bool {
        *self == Self::Any
    }
}

impl Schema {
    /// A value of one type.
    pub fn of(kind: &'static str) -> Self {
        Self { types: Types::One(kind), ..Self::default() }
    }

    /// A value of one of these types.
    pub fn of_several(kinds: &[&'static str]) -> Self {
        Self { types: Types::Several(kinds.to_vec()), ..Self::default() }
    }

    /// The schema `name` of the components.
    pub fn reference(name: &str) -> Self {
        Self { reference: Some(format!("#/components/schemas/{name}")), ..Self::default() }
    }

    /// A list.
    pub fn list(items: Self) -> Self {
        Self { items: Some(Box::new(items)), ..Self::of("array") }
    }

    /// A schema that any of these fits.
    pub fn any_of(schemas: Vec<Self>) -> Self {
        Self { any_of: schemas, ..Self::default() }
    }

    pub fn format(self, format: &'static str) -> Self {
        Self { format: Some(format), ..self }
    }

    pub fn pattern(self, pattern: &str) -> Self {
        Self { pattern: Some(pattern.to_owned()), ..self }
    }

    pub fn described(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// The same, or `null`.
    pub fn or_null(mut self) -> Self {
        if !self.values.is_empty() {
            self.values.push(Value::Null);
        }
        self.types = match std::mem::take(&mut self.types) {
            Types::One(kind) => Types::Several(vec![kind, "null"]),
            Types::Several(mut kinds) => {
                kinds.push("null");
                Types::Several(kinds)
            }
            Types::Any if self.reference.is_some() => {
                let description = std::mem::take(&mut self.description);
                return Self::any_of(vec![self, Self::of("null")]).described(description);
            }
            // Whatever fits already; of alternatives, `null` is one more.
            Types::Any => {
                if !self.any_of.is_empty() {
                    self.any_of.push(Self::of("null"));
                }
                Types::Any
            }
        };
        self
    }
}
