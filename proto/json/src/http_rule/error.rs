//! What can be wrong with a rule.

/// A rule that cannot be served; the text names the method and the fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(pub String);
