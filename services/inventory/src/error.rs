//! The errors that this service adds to the kit's.

use shopmesh_kit::error::Error;

/// A row changed between reading and writing it; only engines with several writers see this.
pub fn stock_changed(what: &str) -> Error {
    Error::aborted("STOCK_CHANGED", format!("{what} changed at the same time; try again"))
}

/// As [`stock_changed`], of a reservation.
pub fn reservation_changed(owner: &str) -> Error {
    let problem = format!("the reservation of {owner} changed at the same time; retry");
    Error::aborted("RESERVATION_CHANGED", problem)
}
