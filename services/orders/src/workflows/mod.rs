//! Sagas, which act on the states of the domain across services, and what runs by itself.

pub mod cancel_order;
pub mod place_order;
pub mod purge;
pub mod ship_order;
