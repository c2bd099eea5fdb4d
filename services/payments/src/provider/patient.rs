//! A provider that is waited for only so long.

use std::time::Duration;

use shopmesh_kit::money::Money;
use tokio::time::timeout;

use super::{Answered, Provider, ProviderError};

/// Makes no answer within the limit a [`ProviderError::NoAnswer`].
pub struct Patient<P> {
    inner: P,
    limit: Duration,
}

impl<P> Patient<P> {
    /// Waits `limit` for each answer of `inner`.
    pub fn new(inner: P, limit: Duration) -> Self {
        Self { inner, limit }
    }

    fn wait<'a>(&self, answer: Answered<'a>) -> Answered<'a> {
        let limit = self.limit;
        Box::pin(async move { timeout(limit, answer).await.unwrap_or(Err(ProviderError::NoAnswer)) })
    }
}

impl<P: Provider> Provider for Patient<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn knows_token(&self, token: &str) -> bool {
        self.inner.knows_token(token)
    }

    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a> {
        self.wait(self.inner.authorize(key, token, amount))
    }

    fn lookup<'a>(&'a self, key: &'a str) -> Answered<'a> {
        self.wait(self.inner.lookup(key))
    }

    fn capture<'a>(&'a self, key: &'a str) -> Answered<'a> {
        self.wait(self.inner.capture(key))
    }

    fn void<'a>(&'a self, key: &'a str) -> Answered<'a> {
        self.wait(self.inner.void(key))
    }

    fn refund<'a>(&'a self, key: &'a str, refund: &'a str, amount: Money) -> Answered<'a> {
        self.wait(self.inner.refund(key, refund, amount))
    }
}
