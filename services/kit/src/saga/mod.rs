//! Durable workflows across services: a state that is stored after every step, and a runner that goes on from it.
//!
//! A saga is a pure function from state to next effect ([`Saga::next`]) and from outcome to state ([`Saga::apply`]); only
//! [`Saga::perform`] touches the network, outside any transaction. After a crash the runner performs the last effect
//! again, so effects must be idempotent.

mod handle;
mod runner;
mod step;
mod store;

pub use handle::{Progress, SagaHandle};
pub use runner::SagaRunner;
pub use store::{Stored, forget, load, signal, start};

use crate::{BoxFuture, clock::Timestamp, db::Tx, error::Error};
use serde::{Serialize, de::DeserializeOwned};

/// What a saga does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next<E> {
    /// Perform this effect.
    Do(E),
    /// Nothing before this time, unless it is signalled or woken.
    Wait(Timestamp),
    /// It is over.
    Done,
}

/// A durable workflow.
pub trait Saga: Send + Sync + 'static {
    /// All it remembers; stored as JSON, so older forms must stay readable.
    type State: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
    /// A command to the outside.
    type Effect: Send + 'static;
    /// What came of an effect, failures included.
    type Outcome: Send + 'static;

    /// Name of the kind, unique in its service; stored, so it must not change.
    const KIND: &'static str;

    /// Decides what comes next. Pure.
    fn next(state: &Self::State, now: Timestamp) -> Next<Self::Effect>;

    /// Whether an effect only asks, so that nothing is lost when its answer is: it is stored with the next step that does
    /// something, and asked again after a crash.
    fn only_asks(_effect: &Self::Effect) -> bool {
        false
    }

    /// Performs an effect. May be called again for the same state, after a crash or a lost race. Never fails: what went
    /// wrong is an outcome. Calls made in it have 30 seconds.
    fn perform<'a>(
        &'a self,
        id: &'a str,
        state: &'a Self::State,
        effect: Self::Effect,
    ) -> BoxFuture<'a, Self::Outcome>;

    /// The state after an outcome. Pure.
    fn apply(state: Self::State, outcome: Self::Outcome, now: Timestamp) -> Self::State;

    /// Writes projections and events of a step, in the transaction that stores it. SQL only.
    fn record<'t>(
        &'t self,
        tx: &'t mut Tx,
        id: &'t str,
        before: &'t Self::State,
        after: &'t Self::State,
    ) -> BoxFuture<'t, Result<(), Error>>;
}

#[cfg(test)]
mod tests;
