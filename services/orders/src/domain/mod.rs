//! The rules of carts, checkouts and orders. Pure: no async, no I/O, no clock; nothing else decides.

pub mod allowance;
pub mod cancel_order;
pub mod cart;
pub mod channel;
pub mod checkout;
pub mod line;
pub mod operation;
pub mod order;
pub mod payment;
pub mod place_order;
pub mod ship_order;
