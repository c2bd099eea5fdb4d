//! Durable work across services. Each is a pure state machine (`next`, `apply`), one network call per effect
//! (`perform`), and what this service remembers of a transition, in the transaction of the transition (`record`).

pub mod cancel_order;
pub mod place_order;
pub mod retry;
pub mod ship_order;
