//! Payment providers. Every call carries a key of ours: a repeat is the same call, so an unknown answer can be asked
//! for again without moving money twice.

pub mod sandbox;

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

/// A way of taking money.
pub trait Provider: Send + Sync {
    /// Name in payments and accounts.
    fn name(&self) -> &'static str;

    /// Whether a token has a form that the provider issues.
    fn knows_token(&self, token: &str) -> bool;

    /// Holds an amount.
    fn authorize<'a>(
        &'a self,
        key: &'a str,
        token: &'a str,
        amount: Money,
    ) -> BoxFuture<'a, Result<Answer, ProviderError>>;

    /// Takes what was held.
    fn capture<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>>;

    /// Lets go what was held; also what it never heard of, for good.
    fn void<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>>;

    /// Gives back part of what was taken.
    fn refund<'a>(
        &'a self,
        key: &'a str,
        refund: &'a str,
        amount: Money,
    ) -> BoxFuture<'a, Result<Answer, ProviderError>>;

    /// What became of an authorisation.
    fn lookup<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Answer, ProviderError>>;
}
