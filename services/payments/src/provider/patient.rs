//! A provider that is waited for only so long.

use std::time::Duration;

use shopmesh_kit::{BoxFuture, money::Money};
use tokio::time::timeout;

use super::{Answered, Handle, Notification, Provider, ProviderError, Webhook, WebhookRefused};
use crate::domain::answer::{self, Authorization, Capture, Lookup, Void};

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

    fn wait<'a, T: 'a>(&self, answer: Answered<'a, T>) -> Answered<'a, T> {
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

    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a, Authorization> {
        self.wait(self.inner.authorize(key, token, amount))
    }

    fn lookup<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Lookup> {
        self.wait(self.inner.lookup(charge))
    }

    fn capture<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Capture> {
        self.wait(self.inner.capture(charge))
    }

    fn void<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Void> {
        self.wait(self.inner.void(charge))
    }

    fn refund<'a>(
        &'a self,
        charge: Handle<'a>,
        refund: Handle<'a>,
        amount: Money,
    ) -> Answered<'a, answer::Refund> {
        self.wait(self.inner.refund(charge, refund, amount))
    }

    fn notified<'a>(
        &'a self,
        webhook: Webhook<'a>,
    ) -> BoxFuture<'a, Result<Vec<Notification>, WebhookRefused>> {
        self.inner.notified(webhook)
    }
}
