//! Bootstraps, and what Envoy 1.40 and this edge say to them at start. `config_errors.rs` asks this edge, `tests/envoy` of the workspace
//! both.

mod document;
mod filters;
mod structure;
mod values;

pub use document::{Slot, document};

/// What becomes of a bootstrap.
#[derive(Clone, Copy, Debug)]
pub enum Verdict {
    /// Both take it.
    Taken,
    /// Both refuse it; part of what this edge says.
    Refused(&'static str),
    /// Only Envoy takes it: the deviation, and part of what this edge says.
    Stricter(&'static str, &'static str),
    /// Only this edge takes it: the deviation.
    Laxer(&'static str),
}

/// Differences that are meant; `edge/README.md` has the same list.
pub const DEVIATIONS: &[&str] =
    &[TWICE, NULLS, ZEROS, POINTS, NORWAY, IDLE, NAMES, BROWSERS, KEYS, SYMMETRIC, PSEUDO];

const TWICE: &str = "A key that is given twice, in one spelling or in two, is refused. Envoy takes the last.";
const NULLS: &str =
    "`null` and lists in a list are refused. Envoy takes them for what is empty, and for one list.";
const ZEROS: &str = "A number with a leading zero is refused: without quotes it is octal to Envoy, in quotes it is not. In quotes it is decimal.";
const POINTS: &str = "A number with a point is no text. Envoy takes it as it is written.";
const NORWAY: &str =
    "`yes`, `no`, `on` and `off` are text where text belongs, and a tag makes no difference.";
const IDLE: &str = "What would never do anything is refused: an edge without listeners, a chain without router, a bucket without tokens, a limited answer that is no error, requirements without content, configuration for a filter that is not there or takes none, keys of a cluster that is not there.";
const NAMES: &str = "Two filters or two listeners of one name are refused.";
const BROWSERS: &str = "A `CorsPolicy` that no browser would follow is refused: a `max_age` that is no number, all headers exposed together with credentials.";
const KEYS: &str = "A header name that HTTP does not allow is refused.";
const SYMMETRIC: &str = "A `local_jwks` whose keys are all symmetric, or empty, is refused.";
const PSEUDO: &str = "Conditions and descriptors see headers only, not `:method` and the like.";

const DURATION: &str = "must be a duration such as";
const LIMIT: &str = "must be a whole number of 0 to 4294967295, is ";

/// Where a text goes, the text, and what becomes of the bootstrap.
pub type Case = (Slot, &'static str, Verdict);

/// All of them.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    values::CASES.iter().chain(structure::CASES).chain(filters::CASES)
}
