//! Where our edge answers otherwise than Envoy, on purpose. The same list, with the same words, is in `edge/README.md`.

use super::compare::{Case, Difference};

/// A difference that is meant.
pub struct Deviation {
    /// As `edge/README.md` says it, with the reason.
    pub what: &'static str,
    /// Exactly the differences that follow from it.
    pub is: fn(&Case, &Difference) -> bool,
}

/// All of them. One that no longer occurs must leave the list.
pub const DEVIATIONS: &[Deviation] = &[];
