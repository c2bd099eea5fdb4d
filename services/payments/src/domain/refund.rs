//! Money given back.

use shopmesh_kit::{clock::Timestamp, money::Money};

use super::ids::{PaymentId, RefundId};

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Written down; the provider is being asked.
    Pending,
    /// Given back.
    Succeeded,
    /// Refused by the provider.
    Failed,
}

/// Money given back, in whole or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id, and its key at the provider.
    pub id: RefundId,
    /// What was paid.
    pub payment: PaymentId,
    /// State.
    pub state: RefundState,
    /// How much.
    pub amount: Money,
    /// For people.
    pub reason: String,
    /// When it was asked for.
    pub created: Timestamp,
}

impl Refund {
    /// A refund that the provider is about to be asked for.
    pub fn pending(payment: &PaymentId, amount: Money, reason: String, now: Timestamp) -> Self {
        let (id, state) = (RefundId::generate(), RefundState::Pending);
        Self { id, payment: payment.clone(), state, amount, reason, created: now }
    }

    /// `payments/.../refunds/rfd_...`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.payment, self.id)
    }
}
