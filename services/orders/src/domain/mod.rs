//! The rules of carts, checkouts and orders. Pure: no async, no I/O, no clock; nothing else decides.

pub mod allowance;
pub mod cart;
pub mod checkout;
pub mod line;
pub mod operation;
pub mod order;
pub mod payment_token;
