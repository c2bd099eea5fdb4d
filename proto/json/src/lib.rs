//! The JSON of protobuf (protobuf.dev, "ProtoJSON Format"), translated to and from the wire without a tree in between: one pass over the
//! text one way, one over the wire the other way, both driven by tables compiled once from descriptors.
//!
//! Strict where leniency would let two readers disagree: a key given twice (also once as `fooBar` and once as `foo_bar`), two members of
//! a oneof, lone surrogates and text behind the end are errors. Nesting ends at 100 levels in either direction.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod calendar;
mod codec;
mod conflict;
mod error;
mod field_path;
pub mod google;
pub mod http_rule;
mod lexer;
mod names;
mod number;
mod options;
mod parse;
mod parse_well_known;
mod print;
mod print_index;
mod print_map;
mod print_scalar;
mod print_well_known;
mod scalar;
mod scan;
mod status;
mod table;
mod wire;
mod writer;

pub use codec::{JsonCodec, list_elements};
pub use error::{JsonError, Result};
pub use field_path::{FieldPath, LeafClass, PathTarget};
pub use options::{ParseOptions, PrintOptions};
pub use status::http_status;
pub use table::MessageId;

#[cfg(test)]
mod tests;
