//! Calls an order off: units go back, then the payment is let go, then the order is CANCELLED. Neither step can be
//! refused for an order that nothing else works on, so both are repeated until done.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    BoxFuture,
    clock::{Clock, Timestamp},
    db::Tx,
    error::{Error, Result},
    events::Cause,
    saga::{Next, Saga},
};

use super::{retry::Retry, traced};
use crate::{
    domain::order::OrderEvent,
    events::published,
    ids::{CheckoutId, OperationId, OrderId},
    peers::Peers,
    store::operations,
};

/// A step of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Give the units back.
    Release,
    /// Let the payment go.
    Void,
    /// The end.
    Cancelled,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelOrder {
    /// The operation it carries out.
    pub operation: OperationId,
    /// The order.
    pub order: OrderId,
    /// The checkout that keys hold and payment.
    pub checkout: CheckoutId,
    /// For people; may be empty.
    pub reason: String,
    /// W3C trace context of the request that started it.
    pub traceparent: String,
    /// The step to take next.
    pub step: Step,
    /// Attempts of that step.
    pub retry: Retry,
}

/// What a step's call came back with.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It is done, now or by an earlier attempt.
    Done,
    /// No answer that would let the workflow go on.
    NotDone,
}

/// The workflow with what it needs to act.
pub struct CancelOrderSaga {
    /// The neighbours.
    pub peers: Peers,
    /// Time of what is recorded.
    pub clock: Arc<dyn Clock>,
}

impl CancelOrderSaga {
    async fn call(&self, state: &CancelOrder, step: Step) -> Outcome {
        let checkout = state.checkout.name();
        let answer = match step {
            Step::Release => self.peers.release(&checkout).await,
            Step::Void => self.peers.void_payment(&checkout).await,
            Step::Cancelled => Ok(()),
        };
        match answer {
            Ok(()) => Outcome::Done,
            Err(status) => {
                let (code, message) = (status.code(), status.message());
                tracing::warn!(order = %state.order.name(), ?step, ?code, message, "cancellation step not done");
                Outcome::NotDone
            }
        }
    }

    async fn remember(&self, tx: &mut Tx, after: &CancelOrder) -> Result<()> {
        if after.step != Step::Cancelled {
            return Ok(());
        }
        let causation_id = after.operation.name();
        let cause = Cause { traceparent: after.traceparent.clone(), causation_id, at: self.clock.now() };
        let order = published::load(&mut *tx, &after.order).await?;
        published::append(tx, &cause, Some(order), OrderEvent::Cancelled(after.reason.clone())).await?;
        operations::settle(tx, &after.operation, None).await
    }
}

impl Saga for CancelOrderSaga {
    type State = CancelOrder;
    type Effect = Step;
    type Outcome = Outcome;

    const KIND: &'static str = "cancel_order";

    fn next(state: &CancelOrder, now: Timestamp) -> Next<Step> {
        match state.step {
            Step::Cancelled => Next::Done,
            step => state.retry.when_due(step, now),
        }
    }

    fn apply(state: CancelOrder, outcome: Outcome, now: Timestamp) -> CancelOrder {
        let step = match (state.step, outcome) {
            (Step::Release, Outcome::Done) => Step::Void,
            (Step::Void | Step::Cancelled, Outcome::Done) => Step::Cancelled,
            (_, Outcome::NotDone) => return CancelOrder { retry: state.retry.again(now), ..state },
        };
        CancelOrder { step, retry: Retry::default(), ..state }
    }

    fn perform<'a>(&'a self, _id: &'a str, state: &'a CancelOrder, step: Step) -> BoxFuture<'a, Outcome> {
        Box::pin(traced(&state.traceparent, self.call(state, step)))
    }

    fn record<'t>(
        &'t self,
        tx: &'t mut Tx,
        _id: &'t str,
        _before: &'t CancelOrder,
        after: &'t CancelOrder,
    ) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(self.remember(tx, after))
    }
}
