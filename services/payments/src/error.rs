//! The errors that this service adds to the kit's.

use shopmesh_kit::error::Error;

/// A row changed between reading and writing it; only engines with several writers see this.
pub fn payment_changed(checkout: &str) -> Error {
    Error::aborted("PAYMENT_CHANGED", format!("the payment of {checkout} changed at the same time; retry"))
}

/// As [`payment_changed`], of the end of the ledger.
pub fn ledger_moved() -> Error {
    Error::aborted("LEDGER_MOVED", "the ledger moved on at the same time; retry")
}

/// The provider may have done what it was asked for, or not.
pub fn no_answer() -> Error {
    Error::unavailable("the payment provider did not answer; try again")
}

/// The provider did nothing.
pub fn provider_unreachable() -> Error {
    Error::unavailable("the payment provider cannot be reached; try again")
}
