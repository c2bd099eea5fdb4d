//! What happens to reservations, on request and by itself.

pub mod expire_holds;
pub mod transition;
