//! HTTP filters: one folder each, named as in the YAML, with `config.rs` (what is honored) and `filter.rs` (what it does).
//!
//! A filter is created per request. Requests pass the chain in YAML order until a filter answers (the router always does); the answer
//! then passes *every* filter in reverse order, so that one which never saw the request still puts its headers on the reply, as in Envoy.

pub mod api;
pub mod compressor;
pub mod cors;
pub mod grpc_json_transcoder;
pub mod grpc_web;
pub mod header_mutation;
pub mod jwt_authn;
pub mod local_ratelimit;
pub(crate) mod registry;
pub mod router;
