//! What happens in one transaction: load, decide, remember, tell.

pub mod cancel_order;
pub mod change_cart;
pub mod create_cart;
pub mod delete_cart;
mod join_checkout;
pub mod mark_delivered;
pub mod operations;
pub mod published;
pub mod purge;
pub mod record_checkout;
pub mod record_refund;
pub mod secrets;
pub mod ship_order;
pub mod start_checkout;
pub mod terms;
