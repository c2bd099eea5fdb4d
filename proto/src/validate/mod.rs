//! Validation of requests by the rules of the contracts: `buf.validate`, and the kind of each text. The implementations are
//! generated; this is the trait and the checks they call.

mod checks;
mod pattern;
mod regions;
pub mod rules;
mod text;
pub mod text_kind;

pub use pattern::Pattern;
pub use regions::REGIONS;

use std::{
    collections::HashMap,
    fmt::{self, Write},
};

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

use crate::status::ERROR_DOMAIN;

/// A message that knows its rules.
pub trait Validate {
    /// Whether some RPC takes it as its input. Only those are checked when they are decoded.
    const IS_REQUEST: bool;

    /// Brings every text into the form of its kind (`shopmesh.policy.v1.TextKind`), which the rules then look at.
    fn normalize(&mut self) {}

    /// Appends what is wrong to `out`.
    fn validate(&self, at: &mut FieldPath, out: &mut Vec<Violation>);
}

/// One broken rule. Never holds the offending value, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path such as `lines[2].quantity`.
    pub field: String,
    /// What would be right, for people.
    pub description: String,
}

/// Where in a message a check stands.
#[derive(Debug, Default)]
pub struct FieldPath(Vec<Segment>);

#[derive(Debug)]
enum Segment {
    Field(&'static str),
    Item(usize),
}

impl FieldPath {
    /// Runs `check` one field deeper.
    pub fn field(&mut self, name: &'static str, check: impl FnOnce(&mut Self)) {
        self.0.push(Segment::Field(name));
        check(self);
        self.0.pop();
    }

    /// Runs `check` on one item of a list.
    pub fn item(&mut self, index: usize, check: impl FnOnce(&mut Self)) {
        self.0.push(Segment::Item(index));
        check(self);
        self.0.pop();
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if depth == 0 => out.write_str(name)?,
                Segment::Field(name) => write!(out, ".{name}")?,
                Segment::Item(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Brings a whole message into form and checks it.
pub fn accept<M: Validate>(message: &mut M) -> Result<(), Vec<Violation>> {
    message.normalize();
    check(message)
}

/// Checks a whole message that is in form.
fn check<M: Validate>(message: &M) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    message.validate(&mut FieldPath::default(), &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

/// Most violations that an error tells: its details travel in a header, and clients take no list of headers above 16 KiB.
pub const MAX_VIOLATIONS: usize = 24;

/// INVALID_ARGUMENT with `google.rpc.ErrorInfo` and `google.rpc.BadRequest` (AIP-193).
pub fn violations_to_status(violations: Vec<Violation>) -> Status {
    let mut message = String::new();
    for violation in violations.iter().take(3) {
        let separator = if message.is_empty() { "" } else { "; " };
        let _ = write!(message, "{separator}{}: {}", violation.field, violation.description);
    }
    if violations.len() > 3 {
        let _ = write!(message, "; and {} more", violations.len() - 3);
    }
    let mut details = ErrorDetails::with_error_info("INVALID_FIELD", ERROR_DOMAIN, HashMap::new());
    for violation in violations.into_iter().take(MAX_VIOLATIONS) {
        details.add_bad_request_violation(violation.field, violation.description);
    }
    Status::with_error_details(tonic::Code::InvalidArgument, message, details)
}

/// `google.protobuf.Empty`.
impl Validate for () {
    const IS_REQUEST: bool = false;
    fn validate(&self, _at: &mut FieldPath, _out: &mut Vec<Violation>) {}
}

impl Validate for crate::google::api::HttpBody {
    const IS_REQUEST: bool = false;
    fn validate(&self, _at: &mut FieldPath, _out: &mut Vec<Violation>) {}
}

#[allow(clippy::all, clippy::pedantic, unused_imports)]
mod generated {
    use super::{
        FieldPath, Validate, Violation,
        checks::{StringRules, enumeration, integer, items, message, string, unique},
        pattern::Pattern,
        text,
        text_kind::TextKind,
    };
    include!(concat!(env!("OUT_DIR"), "/validators.rs"));
}

#[cfg(test)]
mod tests;
