//! What a saga remembers and how it decides, and what the runner remembers beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Backoff, clock::Timestamp, events::Cause};

/// Waits between the attempts of an effect.
const WAITS: Backoff = Backoff::doubling(Duration::from_millis(200), Duration::from_secs(30));

/// What a saga does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<E> {
    /// Perform this effect.
    Do(E),
    /// Nothing before this time, unless it is signaled or woken.
    Wait(Timestamp),
    /// It is over.
    Done,
}

/// The state after an outcome, and when what follows from it is performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After<S> {
    /// At once.
    Go(S),
    /// After the first wait, 0.2 s: the outcome is not there yet.
    Later(S),
    /// After a wait that is twice as long with each attempt, up to 30 s: there was no answer, and the effect is performed
    /// again.
    Again(S),
}

/// The attempt that an outcome came of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Attempts of the same effect before it.
    pub earlier: u32,
    /// When the outcome was there.
    pub now: Timestamp,
}

/// All that a saga remembers, and the decisions on it, which are pure. A struct, stored as JSON, so older forms must stay
/// readable; `traceparent` and `retry` stand beside its fields and are the runner's.
pub trait State: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// A command to the outside.
    type Effect: Send + 'static;
    /// What came of an effect, failures included.
    type Outcome: Send + 'static;

    /// Name of the kind, unique in its service; stored, so it must not change.
    const KIND: &'static str;

    /// Decides what comes next.
    fn next(&self, now: Timestamp) -> Next<Self::Effect>;

    /// The state after an outcome.
    fn apply(self, outcome: Self::Outcome, attempt: Attempt) -> After<Self>;

    /// Whether an effect only asks, so that nothing is lost when its answer is: it is stored with the next step that does
    /// something, and asked again after a crash.
    fn only_asks(_effect: &Self::Effect) -> bool {
        false
    }
}

/// Attempts of the effect that comes next. The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Retry {
    attempts: u32,
    not_before: Timestamp,
}

impl Retry {
    /// After one more attempt.
    fn again(self, now: Timestamp) -> Self {
        let wait = WAITS.after(self.attempts);
        Self { attempts: self.attempts.saturating_add(1), not_before: now + wait }
    }
}

/// A saga as its row holds it: one JSON object of the state's fields and these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run<S> {
    /// The state.
    #[serde(flatten)]
    pub state: S,
    /// W3C trace context of what started it; its effects and events belong to that trace.
    pub traceparent: String,
    retry: Retry,
}

impl<S: State> Run<S> {
    /// One that has done nothing yet.
    pub fn new(state: S, traceparent: impl Into<String>) -> Self {
        Self { state, traceparent: traceparent.into(), retry: Retry::default() }
    }

    /// What comes next, once the wait before it is over.
    pub fn next(&self, now: Timestamp) -> Next<S::Effect> {
        match self.state.next(now) {
            Next::Do(_) if now < self.retry.not_before => Next::Wait(self.retry.not_before),
            next => next,
        }
    }

    /// Why the saga `id` appends an event now.
    pub(super) fn cause(&self, id: &str, now: Timestamp) -> Cause {
        Cause { traceparent: self.traceparent.clone(), causation_id: id.to_owned(), at: now }
    }

    /// Attempts so far of the effect that comes next.
    pub fn attempts(&self) -> u32 {
        self.retry.attempts
    }

    /// The saga after an outcome.
    pub fn apply(self, outcome: S::Outcome, now: Timestamp) -> Self {
        let Self { state, traceparent, retry } = self;
        let (state, retry) = match state.apply(outcome, Attempt { earlier: retry.attempts, now }) {
            After::Go(state) => (state, Retry::default()),
            After::Later(state) => (state, Retry::default().again(now)),
            After::Again(state) => (state, retry.again(now)),
        };
        Self { state, traceparent, retry }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let now = Timestamp(1_000_000);
        let mut retry = Retry::default();
        let mut waits = Vec::new();
        for _ in 0..70 {
            retry = retry.again(now);
            waits.push(retry.not_before.since(now));
        }
        assert_eq!(waits[..4], [200, 400, 800, 1_600].map(Duration::from_millis));
        assert!(waits[8..].iter().all(|wait| *wait == WAITS.longest));
    }
}
