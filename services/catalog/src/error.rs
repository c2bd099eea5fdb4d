//! The errors that this service adds to the kit's.

use shopmesh_kit::error::Error;

/// A product changed between reading and writing it; only engines with several writers see this.
pub fn product_changed() -> Error {
    Error::aborted("VERSION_LOST", "the product was changed by another request; read it and try again")
}
