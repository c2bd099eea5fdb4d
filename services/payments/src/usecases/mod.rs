//! What happens in one transaction: load, decide, remember, tell.

pub mod payments;
mod published;
pub mod record;
pub mod refunds;
