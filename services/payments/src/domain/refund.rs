//! Money given back.

use shopmesh_kit::{clock::Timestamp, money::Money};

use super::answer::{self, Answer};
use crate::ids::{PaymentId, RefundId};

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
    /// The provider's own id of it; empty while it told none.
    pub provider_reference: String,
    /// When it was asked for.
    pub created: Timestamp,
}

impl Refund {
    /// A refund that the provider is about to be asked for.
    pub fn pending(payment: &PaymentId, amount: Money, reason: String, now: Timestamp) -> Self {
        let (id, state) = (RefundId::generate(), RefundState::Pending);
        let (payment, provider_reference) = (payment.clone(), String::new());
        Self { id, payment, state, amount, reason, provider_reference, created: now }
    }

    /// `payments/.../refunds/rfd_...`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.payment, self.id)
    }

    /// The provider has answered, or was asked in vain.
    pub fn settled(&self, answer: &Answer<answer::Refund>) -> Self {
        let state = match answer.outcome {
            answer::Refund::Refunded => RefundState::Succeeded,
            answer::Refund::Declined(_) => RefundState::Failed,
            answer::Refund::Pending => RefundState::Pending,
        };
        let provider_reference = answer.reference_after(&self.provider_reference);
        Self { state, provider_reference, ..self.clone() }
    }
}
