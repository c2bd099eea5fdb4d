//! Changes of on hand, with their cause.

use shopmesh_kit::clock::Timestamp;

use crate::ids::MovementId;

/// Why units moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Goods came in.
    Received,
    /// A count found more or less.
    Counted,
    /// Broken, lost or stolen.
    Damaged,
    /// Shipped with an order.
    Sold,
    /// Came back from a customer.
    Returned,
}

/// A change of on hand. On hand is the sum of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its id; later ones are greater.
    pub id: MovementId,
    /// `variants/...`.
    pub variant: String,
    /// `locations/...`.
    pub location: String,
    /// Units; positive in, negative out, never zero.
    pub delta: i64,
    /// Why.
    pub reason: Reason,
    /// What caused it: a checkout, a count id, a request id.
    pub reference: String,
    /// When.
    pub created: Timestamp,
}
