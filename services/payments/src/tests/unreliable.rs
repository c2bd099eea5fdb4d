//! A provider that falls silent when told to.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
};

use shopmesh_kit::money::Money;
use tokio::sync::Notify;

use crate::{
    domain::answer::{self, Answer, Authorization, Capture, Lookup, Void},
    provider::{Answered, Handle, Provider, ProviderError},
};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives.
    Lost,
    /// It is carried out, the answer never comes.
    AnswerLost,
    /// The way is broken, and said to be.
    Unreachable,
}

/// How the next calls of each method fail.
#[derive(Clone, Default)]
pub struct Faults {
    next: Arc<Mutex<VecDeque<Planned>>>,
    silent: Arc<Notify>,
}

#[derive(Clone, Copy)]
struct Planned {
    method: &'static str,
    fault: Fault,
    /// Whether the caller waits for ever, rather than being told at once that no answer will come.
    hangs: bool,
}

impl Faults {
    pub fn add(&self, method: &'static str, fault: Fault) {
        self.plan(Planned { method, fault, hangs: false });
    }

    /// Lets a call hang; returns once it does.
    pub async fn hang(&self, method: &'static str, fault: Fault, call: impl FnOnce()) {
        self.plan(Planned { method, fault, hangs: true });
        call();
        self.silent.notified().await;
    }

    pub fn clear(&self) {
        self.next.lock().unwrap().clear();
    }

    fn plan(&self, planned: Planned) {
        self.next.lock().unwrap().push_back(planned);
    }

    fn take(&self, method: &str) -> Option<Planned> {
        let mut next = self.next.lock().unwrap();
        let at = next.iter().position(|planned| planned.method == method)?;
        next.remove(at)
    }

    async fn silence<T>(&self, hangs: bool) -> Result<Answer<T>, ProviderError> {
        if !hangs {
            return Err(ProviderError::NoAnswer);
        }
        self.silent.notify_one();
        pending().await
    }
}

pub struct Unreliable<P> {
    pub inner: P,
    pub faults: Faults,
}

impl<P: Provider> Unreliable<P> {
    fn go<'a, T: Send + 'a>(&'a self, method: &'static str, answer: Answered<'a, T>) -> Answered<'a, T> {
        Box::pin(async move {
            let Some(Planned { fault, hangs, .. }) = self.faults.take(method) else { return answer.await };
            match fault {
                Fault::Unreachable => Err(ProviderError::Unreachable("told to be".to_owned())),
                Fault::Lost => self.faults.silence(hangs).await,
                Fault::AnswerLost => {
                    answer.await?;
                    self.faults.silence(hangs).await
                }
            }
        })
    }
}

impl<P: Provider> Provider for Unreliable<P> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn knows_token(&self, token: &str) -> bool {
        self.inner.knows_token(token)
    }

    fn authorize<'a>(&'a self, key: &'a str, token: &'a str, amount: Money) -> Answered<'a, Authorization> {
        self.go("authorize", self.inner.authorize(key, token, amount))
    }

    fn lookup<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Lookup> {
        self.go("lookup", self.inner.lookup(charge))
    }

    fn capture<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Capture> {
        self.go("capture", self.inner.capture(charge))
    }

    fn void<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Void> {
        self.go("void", self.inner.void(charge))
    }

    fn refund<'a>(
        &'a self,
        charge: Handle<'a>,
        refund: Handle<'a>,
        amount: Money,
    ) -> Answered<'a, answer::Refund> {
        self.go("refund", self.inner.refund(charge, refund, amount))
    }
}
