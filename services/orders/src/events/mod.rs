//! What is heard from others, one file an event.

pub mod on_payment_refunded;
