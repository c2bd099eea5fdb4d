//! `google.api.http`: which HTTP requests call a method, and how they become its request message (google/api/http.proto).
//!
//! A request is matched by a [`RouteTable`], which also gives the text of path variables; its [`Binding`] then writes the message: first
//! the body, then the query, last the path. Later fields on the wire override earlier ones, so nothing overrides the path. A query
//! parameter that body or path contradict is refused.

mod annotation;
mod binding;
mod error;
mod parameters;
mod query;
mod route_table;
mod rule;
mod template;

pub use annotation::{HttpBinding, http_bindings};
pub use binding::{Binding, BindingOptions, Bound, HTTP_BODY, RequestError, UnknownQuery};
pub use error::RuleError;
pub use parameters::UNKNOWN as UNKNOWN_PARAMETER;
pub use query::Unescape;
pub use route_table::{Found, Lookup, RouteTable};
pub use rule::{BodyUse, HttpRule, auto_mapping, http_rules};
pub use template::{Segment, Template, Variable};

#[cfg(test)]
mod tests;
