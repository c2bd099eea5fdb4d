//! What runs by itself.

pub mod send_deliveries;
