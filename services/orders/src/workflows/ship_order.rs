//! Ships an order: the calls of its steps.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::Cause,
    saga::{Answer, Saga},
};

use crate::{
    domain::ship_order::{ShipOrder, Step},
    peers::Peers,
    usecases,
};

/// The workflow, with whom it calls.
pub struct ShipOrderSaga(pub Peers);

impl Saga for ShipOrderSaga {
    type State = ShipOrder;

    async fn perform(&self, state: &ShipOrder, step: Step) -> Answer {
        let checkout = state.checkout.name();
        let answer = match step {
            Step::Capture => self.0.capture(&checkout).await,
            Step::Fulfill => self.0.fulfill(&checkout).await,
            Step::Shipped | Step::Failed => Ok(()),
        };
        Answer::of(&state.operation.name(), step, answer, |_| ())
    }

    async fn record(&self, tx: &mut Tx, _: &ShipOrder, after: &ShipOrder, cause: &Cause) -> Result<()> {
        usecases::ship_order::record(tx, after, cause).await
    }
}
