//! Durable workflows across services: a state that is stored after every step, and a runner that goes on from it.
//!
//! A saga is a [`State`], which decides purely what comes next and what follows from an outcome, and a [`Saga`], which acts on
//! it: it performs effects outside of any transaction, and records what a step means in the transaction of that step. The
//! runner sees to the rest: repeated attempts, the trace, and what is left after a crash, when it performs the last effect
//! again; so effects must be idempotent.

mod answer;
mod handle;
mod runner;
mod state;
mod step;
mod store;

pub use answer::Answer;
pub use handle::{Progress, SagaHandle};
pub use runner::SagaRunner;
pub use state::{After, Attempt, Next, Run, State};
pub use store::{Stored, forget, load, signal, start};

use crate::{db::Tx, error::Result, events::Cause};

/// What acts on the states of a durable workflow.
pub trait Saga: Send + Sync + 'static {
    /// What decides.
    type State: State;

    /// Performs an effect. May be called again for the same state, after a crash or a lost race. Never fails: what went
    /// wrong is an outcome. Calls made in it have 15 seconds, and the trace of what started the saga.
    fn perform(
        &self,
        state: &Self::State,
        effect: <Self::State as State>::Effect,
    ) -> impl Future<Output = <Self::State as State>::Outcome> + Send;

    /// Writes projections and events of a step, in the transaction that stores it; events by `cause`. SQL only.
    ///
    /// # Errors
    /// Any takes the step back, and it is tried again later.
    fn record(
        &self,
        tx: &mut Tx,
        before: &Self::State,
        after: &Self::State,
        cause: &Cause,
    ) -> impl Future<Output = Result<()>> + Send;
}

#[cfg(test)]
mod tests;
