//! Ships a whole order: the money is taken, the units leave stock, then the order is SHIPPED. A capture that is
//! refused for good leaves the order as it was; once captured, the rest is repeated until done.

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
    domain::order::{OrderEvent, Shipment},
    events::published,
    ids::{CheckoutId, OperationId, OrderId, ShipmentId},
    peers::{Peers, is_definite},
    store::operations,
};

/// A step of the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Take the money.
    Capture,
    /// Take the units out of stock.
    Fulfil,
    /// The end: on its way.
    Shipped,
    /// The end: the money could not be taken.
    Failed,
}

/// What is remembered between steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipOrder {
    /// The operation it carries out.
    pub operation: OperationId,
    /// The order.
    pub order: OrderId,
    /// The checkout that keys hold and payment.
    pub checkout: CheckoutId,
    /// The parcel.
    pub shipment: ShipmentId,
    /// Carrier and number; may be empty.
    pub tracking: String,
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
    /// The peer refused for good.
    Refused,
    /// No definite answer.
    NoAnswer,
}

/// The workflow with what it needs to act.
pub struct ShipOrderSaga {
    /// The neighbours.
    pub peers: Peers,
    /// Time of what is recorded.
    pub clock: Arc<dyn Clock>,
}

impl ShipOrderSaga {
    async fn call(&self, state: &ShipOrder, step: Step) -> Outcome {
        let checkout = state.checkout.name();
        let answer = match step {
            Step::Capture => self.peers.capture(&checkout).await,
            Step::Fulfil => self.peers.fulfil(&checkout).await,
            Step::Shipped | Step::Failed => Ok(()),
        };
        match answer {
            Ok(()) => Outcome::Done,
            Err(status) => {
                let (code, message) = (status.code(), status.message());
                tracing::warn!(order = %state.order.name(), ?step, ?code, message, "shipment step not done");
                if is_definite(&status) { Outcome::Refused } else { Outcome::NoAnswer }
            }
        }
    }

    async fn remember(&self, tx: &mut Tx, after: &ShipOrder) -> Result<()> {
        match after.step {
            Step::Capture | Step::Fulfil => Ok(()),
            Step::Failed => {
                let problem = "the payment could not be captured; ask the shopper to pay again";
                operations::settle(tx, &after.operation, Some(problem)).await
            }
            Step::Shipped => self.ship(tx, after).await,
        }
    }

    async fn ship(&self, tx: &mut Tx, after: &ShipOrder) -> Result<()> {
        let now = self.clock.now();
        let causation_id = after.operation.name();
        let cause = Cause { traceparent: after.traceparent.clone(), causation_id, at: now };
        let order = published::load(&mut *tx, &after.order).await?;
        let shipment = Shipment {
            id: after.shipment.clone(),
            tracking: after.tracking.clone(),
            shipped: now,
            delivered: None,
        };
        published::append(tx, &cause, Some(order), OrderEvent::Shipped(shipment)).await?;
        operations::settle(tx, &after.operation, None).await
    }
}

impl Saga for ShipOrderSaga {
    type State = ShipOrder;
    type Effect = Step;
    type Outcome = Outcome;

    const KIND: &'static str = "ship_order";

    fn next(state: &ShipOrder, now: Timestamp) -> Next<Step> {
        match state.step {
            Step::Shipped | Step::Failed => Next::Done,
            step => state.retry.when_due(step, now),
        }
    }

    fn apply(state: ShipOrder, outcome: Outcome, now: Timestamp) -> ShipOrder {
        let step = match (state.step, outcome) {
            (Step::Capture, Outcome::Done) => Step::Fulfil,
            (Step::Fulfil, Outcome::Done) => Step::Shipped,
            (Step::Capture, Outcome::Refused) => Step::Failed,
            _ => return ShipOrder { retry: state.retry.again(now), ..state },
        };
        ShipOrder { step, retry: Retry::default(), ..state }
    }

    fn perform<'a>(&'a self, _id: &'a str, state: &'a ShipOrder, step: Step) -> BoxFuture<'a, Outcome> {
        Box::pin(traced(&state.traceparent, self.call(state, step)))
    }

    fn record<'t>(
        &'t self,
        tx: &'t mut Tx,
        _id: &'t str,
        _before: &'t ShipOrder,
        after: &'t ShipOrder,
    ) -> BoxFuture<'t, Result<(), Error>> {
        Box::pin(self.remember(tx, after))
    }
}
