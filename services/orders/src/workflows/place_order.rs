//! Makes a cart an order: the calls of its steps.

use shopmesh_kit::{
    db::{Db, Tx},
    error::Result,
    events::Cause,
    saga::{Answer, Saga},
    sealed::Sealer,
};
use tonic::Status;

use crate::{
    domain::{
        checkout::{Failure, FailureReason},
        line,
        place_order::{HOLD, Outcome, PlaceOrder, Reply, Step},
    },
    peers::{Peers, short_variants},
    store::checkouts,
    usecases::{record_checkout, secrets},
};

/// The workflow, with what it needs to act.
pub struct PlaceOrderSaga {
    /// Whom it calls.
    pub peers: Peers,
    /// Has the payment token,
    pub db: Db,
    /// which this opens.
    pub sealer: Sealer,
}

impl Saga for PlaceOrderSaga {
    type State = PlaceOrder;

    async fn perform(&self, state: &PlaceOrder, step: Step) -> Outcome {
        let checkout = state.checkout.name();
        let empty = |()| Reply::Empty;
        let answer = match step {
            Step::Price => {
                let variants = state.lines.iter().map(|line| line.variant.clone()).collect();
                self.peers.quote(&state.channel, variants).await.map(Reply::Quotes)
            }
            Step::Reserve => self.peers.reserve(&checkout, &state.lines, HOLD).await.map(empty),
            Step::Authorize => return self.authorize(state).await,
            Step::Sync => self.peers.sync_payment(&checkout).await.map(Reply::Payment),
            Step::Commit => self.peers.commit(&checkout).await.map(empty),
            Step::Void => self.peers.void_payment(&checkout).await.map(empty),
            Step::Release => self.peers.release(&checkout).await.map(empty),
            Step::Placed | Step::Failed => Ok(Reply::Empty),
        };
        Answer::of(&checkout, step, answer, |status| refusal(step, status))
    }

    async fn record(
        &self,
        tx: &mut Tx,
        before: &PlaceOrder,
        after: &PlaceOrder,
        cause: &Cause,
    ) -> Result<()> {
        record_checkout::record(tx, before, after, cause).await
    }
}

impl PlaceOrderSaga {
    async fn authorize(&self, state: &PlaceOrder) -> Outcome {
        let (checkout, step) = (state.checkout.name(), Step::Authorize);
        let token = match self.payment_token(state).await {
            Ok(Some(token)) => token,
            Ok(None) => {
                let message = "the payment token cannot be read any more";
                return Answer::Refused(Failure::new(FailureReason::PaymentFailed, message));
            }
            Err(error) => {
                tracing::warn!(checkout, %error, "payment token not read; retrying");
                return Answer::NoAnswer;
            }
        };
        let Ok(total) = line::total(&state.lines, state.currency) else { return Answer::NoAnswer };
        let asked = self.peers.authorize(&checkout, &state.owner, total, token).await.map(Reply::Payment);
        Answer::of(&checkout, step, asked, |status| refusal(step, status))
    }

    async fn payment_token(&self, state: &PlaceOrder) -> Result<Option<String>> {
        let PlaceOrder { checkout, owner, .. } = state;
        let Some(sealed) = checkouts::sealed_payment_token(&self.db, checkout).await? else {
            return Ok(None);
        };
        secrets::open_payment_token(&self.sealer, &self.db, owner, checkout, &sealed).await.map(Some)
    }
}

fn refusal(step: Step, status: &Status) -> Failure {
    let short = short_variants(status);
    match step {
        Step::Reserve if !short.is_empty() => {
            Failure::of_variants(FailureReason::OutOfStock, "not enough in stock", short)
        }
        Step::Commit => Failure::new(FailureReason::OutOfStock, "the stock could be held no longer"),
        Step::Authorize | Step::Sync => {
            Failure::new(FailureReason::PaymentFailed, "the payment could not be made; use another token")
        }
        _ => Failure::new(FailureReason::Internal, "the checkout could not be completed; try again later"),
    }
}
