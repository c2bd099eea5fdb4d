//! Payment providers. Every call carries a key of ours: a repeat is the same call, so an unknown answer can be asked
//! for again without moving money twice.

mod patient;
mod sandbox;

pub use patient::Patient;
pub use sandbox::Sandbox;

use shopmesh_kit::{BoxFuture, money::Money};

/// What a provider says of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The amount is held.
    Approved,
    /// Refused, with the provider's code such as `card_declined`.
    Declined(String),
    /// It was taken, or let go, as asked.
    Done,
    /// It does not know yet.
    Pending,
    /// It never heard of the key.
    Unheard,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No answer came; the provider may have done what was asked.
    #[error("the payment provider did not answer")]
    NoAnswer,
    /// The token is not one of the provider's.
    #[error("is not a token of the payment provider")]
    UnknownToken,
    /// The provider or the way to it is broken; nothing was done.
    #[error("the payment provider cannot be reached: {0}")]
    Unreachable(String),
}

/// What a provider says, or why it says nothing.
pub type Answered<'a> = BoxFuture<'a, Result<Answer, ProviderError>>;

/// Who moves the money. A provider may never answer: [`Patient`] gives up waiting.
pub trait Provider: Send + Sync {
    /// Name in payments and accounts.
    fn name(&self) -> &'static str;

    /// Whether a token has a form that the provider issues.
    fn knows_token(&self, token: &str) -> bool;

    /// Holds an amount.
    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a>;

    /// What became of an authorisation.
    fn lookup<'a>(&'a self, key: &'a str) -> Answered<'a>;

    /// Takes what was held.
    fn capture<'a>(&'a self, key: &'a str) -> Answered<'a>;

    /// Lets go what was held. A key it never heard of is barred, so that a late authorisation of it is declined.
    fn void<'a>(&'a self, key: &'a str) -> Answered<'a>;

    /// Gives back part of what was taken; `refund` is the key of this call.
    fn refund<'a>(&'a self, key: &'a str, refund: &'a str, amount: Money) -> Answered<'a>;
}
