//! The edge as its clients meet it: real sockets in front, a small HTTP/2 service behind.
#![allow(clippy::unwrap_used)]

mod admin;
mod config_cases;
mod config_errors;
mod expectation;
mod filters;
mod malformed;
mod proxying;
mod shared_upstream;
mod smuggling;
mod support;
mod tls;
