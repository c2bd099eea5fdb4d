//! `google.api.http`: which HTTP requests call a method, and how they become its request message (google/api/http.proto).
//!
//! A request is matched by a [`RouteTable`], which also gives the text of path variables; its [`Binding`] then writes the message: first
//! the body, then the query, last the path. Later fields on the wire override earlier ones, so nothing overrides the path. A query
//! parameter that body or path contradict is refused.

mod binding;
mod parameters;
mod query;
mod route_table;
mod rule;
mod template;
#[cfg(test)]
mod tests;

pub use binding::{Binding, BindingOptions, BodyUse, Bound, RequestError, UnknownQuery};
pub use parameters::UNKNOWN as UNKNOWN_PARAMETER;
pub use query::Unescape;
pub use route_table::{Found, Lookup, RouteTable};
pub use rule::{HttpRule, auto_mapping, http_rules};

/// The message whose JSON is its bytes (google/api/httpbody.proto).
pub const HTTP_BODY: &str = "google.api.HttpBody";
pub use template::{Segment, Template, Variable};

/// A rule that cannot be served; the text names the method and the fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);
