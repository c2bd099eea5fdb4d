//! Checkouts as they are remembered and shown: PENDING while steps run, then PLACED or FAILED for good.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{clock::Timestamp, error::Error, money::Money};

use super::cart::Cart;
use crate::ids::{CartId, CheckoutId, OrderId};

/// State of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutState {
    /// Accepted; steps run.
    Pending,
    /// The payment provider's answer is not known yet.
    OutcomeUnknown,
    /// A step failed; earlier ones are being undone.
    Compensating,
    /// The order is placed.
    Placed,
    /// Nothing was bought and nothing is held.
    Failed,
}

impl CheckoutState {
    /// Whether it stays as it is for good.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Placed | Self::Failed)
    }
}

/// Why a checkout failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureReason {
    /// Stock ran out, or the hold did.
    OutOfStock,
    /// The total is not the one the shopper saw.
    PriceChanged,
    /// A variant is no longer sold.
    UnavailableItem,
    /// The issuer refused.
    PaymentDeclined,
    /// The payment could not be made, or its outcome stayed unknown.
    PaymentFailed,
    /// A peer kept failing.
    Internal,
}

impl FailureReason {
    /// As `CheckoutFailure.reason` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "OUT_OF_STOCK",
            Self::PriceChanged => "PRICE_CHANGED",
            Self::UnavailableItem => "UNAVAILABLE_ITEM",
            Self::PaymentDeclined => "PAYMENT_DECLINED",
            Self::PaymentFailed => "PAYMENT_FAILED",
            Self::Internal => "INTERNAL",
        }
    }

    /// Whether units were held in vain, for a payment that was not made.
    pub fn is_of_payment(self) -> bool {
        matches!(self, Self::PaymentDeclined | Self::PaymentFailed)
    }

    /// The type of the precondition it violates.
    pub fn violation(self) -> &'static str {
        match self {
            Self::OutOfStock => "STOCK",
            other => other.as_str(),
        }
    }
}

/// Why a checkout failed, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Machine-readable.
    pub reason: FailureReason,
    /// For people.
    pub message: String,
    /// Variants it is about; may be empty.
    pub variants: Vec<String>,
}

impl Failure {
    /// A failure about no variant in particular.
    pub fn new(reason: FailureReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), variants: Vec::new() }
    }

    /// A failure about some variants.
    pub fn of_variants(reason: FailureReason, message: impl Into<String>, variants: Vec<String>) -> Self {
        Self { reason, message: message.into(), variants }
    }

    /// FAILED_PRECONDITION with one violation per variant, or one on the checkout itself, whose name is in the
    /// metadata.
    pub fn to_error(&self, checkout: &CheckoutId) -> Error {
        let name = checkout.name();
        let subjects =
            if self.variants.is_empty() { std::slice::from_ref(&name) } else { &self.variants[..] };
        let kind = self.reason.violation();
        let first = Error::precondition(kind, subjects[0].as_str(), self.message.as_str())
            .with_metadata("checkout", name.as_str());
        subjects[1..]
            .iter()
            .fold(first, |error, subject| error.with_violation(kind, subject.as_str(), self.message.as_str()))
    }
}

/// A checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Id.
    pub id: CheckoutId,
    /// The cart it buys.
    pub cart: CartId,
    /// `users/...`.
    pub owner: String,
    /// State.
    pub state: CheckoutState,
    /// Set once placed.
    pub order: Option<OrderId>,
    /// Set once priced.
    pub total: Option<Money>,
    /// Set once a step failed.
    pub failure: Option<Failure>,
    /// When it was started.
    pub created: Timestamp,
    /// Last change.
    pub updated: Timestamp,
}

impl Checkout {
    /// A new one of a cart.
    pub fn of(cart: &Cart, now: Timestamp) -> Self {
        Self {
            id: CheckoutId::generate(),
            cart: cart.id.clone(),
            owner: cart.owner.clone(),
            state: CheckoutState::Pending,
            order: None,
            total: None,
            failure: None,
            created: now,
            updated: now,
        }
    }
}
