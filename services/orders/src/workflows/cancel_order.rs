//! Cancels an order: the calls of its steps.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::Cause,
    saga::{Answer, Saga},
};

use crate::{
    domain::cancel_order::{CancelOrder, Step},
    peers::Peers,
    usecases,
};

/// The workflow, with whom it calls.
pub struct CancelOrderSaga(pub Peers);

impl Saga for CancelOrderSaga {
    type State = CancelOrder;

    async fn perform(&self, state: &CancelOrder, step: Step) -> Answer {
        let checkout = state.checkout.name();
        let answer = match step {
            Step::Release => self.0.release(&checkout).await,
            Step::Void => self.0.void_payment(&checkout).await,
            Step::Cancelled => Ok(()),
        };
        Answer::of(&state.operation.name(), step, answer, |_| ())
    }

    async fn record(&self, tx: &mut Tx, _: &CancelOrder, after: &CancelOrder, cause: &Cause) -> Result<()> {
        usecases::cancel_order::record(tx, after, cause).await
    }
}
