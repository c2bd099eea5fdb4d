//! The part of OpenAPI 3.1 and of JSON Schema 2020-12 that is used, in the order in which it is written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    members::{Members, as_object},
    schema::Schema,
};

/// The OpenAPI Object.
#[derive(Debug, Serialize)]
pub struct Document {
    pub openapi: &'static str,
    pub info: Info,
    pub servers: Vec<Server>,
    pub tags: Vec<Tag>,
    pub paths: BTreeMap<String, PathItem>,
    pub components: Components,
}

/// The Info Object.
#[derive(Debug, Serialize)]
pub struct Info {
    pub title: &'static str,
    pub version: &'static str,
    pub description: String,
    pub license: License,
}

/// The License Object.
#[derive(Debug, Serialize)]
pub struct License {
    pub name: &'static str,
    /// SPDX.
    pub identifier: &'static str,
}

/// The Server Object.
#[derive(Debug, Serialize)]
pub struct Server {
    pub url: &'static str,
    pub description: &'static str,
}

/// The Tag Object.
#[derive(Debug, Serialize)]
pub struct Tag {
    pub name: String,
    pub description: String,
}

/// The Path Item Object.
#[derive(Debug, Default, Serialize)]
pub struct PathItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Operation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete: Option<Operation>,
}

/// The Operation Object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    pub operation_id: String,
    pub tags: Vec<String>,
    pub summary: String,
    pub description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_body: Option<RequestBody>,
    pub responses: BTreeMap<u16, Response>,
    pub security: Vec<BTreeMap<&'static str, Vec<&'static str>>>,
    #[serde(flatten)]
    pub policy: Policy,
}

/// What the contract says of an RPC that OpenAPI has no words for.
#[derive(Debug, Serialize)]
pub struct Policy {
    #[serde(rename = "x-shopmesh-rpc")]
    pub rpc: String,
    #[serde(rename = "x-shopmesh-allow")]
    pub allow: Vec<Allow>,
    #[serde(rename = "x-shopmesh-retry")]
    pub retry: &'static str,
    #[serde(rename = "x-shopmesh-deadline")]
    pub deadline: String,
    #[serde(rename = "x-shopmesh-rate")]
    pub rate: &'static str,
}

/// One way of being allowed in.
#[derive(Debug, Serialize)]
pub struct Allow {
    /// `anyone`, `user`, or the name of a role.
    pub who: &'static str,
    /// What the user or role must be bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
}

/// The Parameter Object.
#[derive(Debug, Serialize)]
pub struct Parameter {
    pub name: String,
    #[serde(rename = "in")]
    pub place: &'static str,
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    pub schema: Schema,
}

/// The Request Body Object.
#[derive(Debug, Serialize)]
pub struct RequestBody {
    pub required: bool,
    pub content: BTreeMap<String, MediaType>,
}

/// The Response Object, or a reference to one.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Response {
    Here {
        description: String,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<&'static str, Header>,
        content: BTreeMap<String, MediaType>,
    },
    There {
        #[serde(rename = "$ref")]
        reference: String,
    },
}

/// The Header Object.
#[derive(Debug, Serialize)]
pub struct Header {
    pub description: &'static str,
    pub schema: Schema,
}

/// The Media Type Object.
#[derive(Debug, Serialize)]
pub struct MediaType {
    pub schema: Schema,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
}

impl From<Schema> for MediaType {
    fn from(schema: Schema) -> Self {
        Self { schema, example: None }
    }
}

/// The Components Object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Components {
    pub schemas: BTreeMap<String, Schema>,
    #[serde(serialize_with = "as_object")]
    pub responses: Members<Response>,
    pub security_schemes: BTreeMap<&'static str, SecurityScheme>,
}

/// The Security Scheme Object of an HTTP scheme.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityScheme {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub scheme: &'static str,
    pub bearer_format: &'static str,
    pub description: &'static str,
}
