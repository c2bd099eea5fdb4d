//! Payment providers. Every call carries a key of ours: a repeat is the same call, so an unknown answer can be asked
//! for again without moving money twice. It also carries the provider's own id of what it is about, if that is known.

mod patient;
mod sandbox;

pub use patient::Patient;
pub use sandbox::Sandbox;

use std::future::ready;

use http::HeaderMap;
use shopmesh_kit::{BoxFuture, money::Money};

use crate::domain::{
    answer::{self, Answer, Authorization, Capture, Lookup, Void},
    payment::Payment,
    refund::Refund,
};

/// Why there is no answer. That none came in time is told by [`Patient`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No answer came; the provider may have done what was asked.
    #[error("the payment provider did not answer")]
    NoAnswer,
    /// The provider or the way to it is broken; nothing was done.
    #[error("the payment provider cannot be reached: {0}")]
    Unreachable(String),
}

/// What a provider says, or why it says nothing.
pub type Answered<'a, T> = BoxFuture<'a, Result<Answer<T>, ProviderError>>;

/// What both sides call the same thing.
#[derive(Debug, Clone, Copy)]
pub struct Handle<'a> {
    /// Our key of it: equal keys are one thing.
    pub key: &'a str,
    /// The provider's own id, as it told last; empty when no answer has arrived yet.
    pub reference: &'a str,
}

impl<'a> Handle<'a> {
    /// A payment: its key is the checkout.
    pub fn charge(payment: &'a Payment) -> Self {
        Self { key: &payment.checkout, reference: &payment.provider_reference }
    }

    /// A refund: its key is its id.
    pub fn refund(refund: &'a Refund) -> Self {
        Self { key: refund.id.as_str(), reference: &refund.provider_reference }
    }
}

/// A request that a provider sends by itself (a webhook), as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Webhook<'a> {
    /// Where providers put their signatures.
    pub headers: &'a HeaderMap,
    /// What they sign.
    pub body: &'a [u8],
}

/// What a webhook tells: an answer that nobody waits for any more, of the thing with this key of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// Of an authorization; the key is the checkout.
    Authorization(String, Answer<Authorization>),
    /// Of a capture; the key is the checkout.
    Capture(String, Answer<Capture>),
    /// Of a void, or of an authorization that ran out; the key is the checkout.
    Void(String, Answer<Void>),
    /// Of a refund; the key is its id.
    Refund(String, Answer<answer::Refund>),
}

/// A webhook that is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the webhook is refused: {0}")]
pub struct WebhookRefused(pub String);

/// Who moves the money. A provider may never answer: [`Patient`] gives up waiting.
pub trait Provider: Send + Sync {
    /// Name in payments and accounts.
    fn name(&self) -> &'static str;

    /// Whether a token has a form that the provider issues. One that it does not know in spite of its form is declined.
    fn knows_token(&self, token: &str) -> bool;

    /// Holds an amount.
    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a, Authorization>;

    /// What became of an authorization.
    fn lookup<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Lookup>;

    /// Takes what was held.
    fn capture<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Capture>;

    /// Lets go what was held. A key it never heard of is barred, so that a late authorization of it is declined; so is
    /// one that waits for its customer.
    fn void<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Void>;

    /// Gives back part of what was taken.
    fn refund<'a>(
        &'a self,
        charge: Handle<'a>,
        refund: Handle<'a>,
        amount: Money,
    ) -> Answered<'a, answer::Refund>;

    /// What a webhook tells, once its signature is checked. Several things, or none that matters here.
    ///
    /// # Errors
    /// When the provider sends none, the signature is not its own, or it cannot be read.
    fn notified<'a>(
        &'a self,
        _webhook: Webhook<'a>,
    ) -> BoxFuture<'a, Result<Vec<Notification>, WebhookRefused>> {
        Box::pin(ready(Err(WebhookRefused(format!("{} sends none", self.name())))))
    }
}
