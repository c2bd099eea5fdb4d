//! Contract messages to domain values and back; nothing else does this.

mod carts;
mod events;
mod orders;
mod peers;

pub use carts::{cart, checkout, line_problem, wanted, wanted_quantities};
pub use events::{PublishedEvent, order_event, published};
pub use orders::{event_entry, order};
pub use peers::{authorisation, quotes};
