//! The one call of each step, and what its answer means.

use shopmesh_kit::error::Result;
use tonic::Status;

use super::{HOLD, Outcome, PlaceOrder, PlaceOrderSaga, Step};
use crate::{
    domain::{
        checkout::{Failure, FailureReason},
        line,
    },
    peers::{Authorisation, is_definite, short_variants},
    secrets,
    store::checkouts,
};

impl PlaceOrderSaga {
    pub(super) async fn call(&self, state: &PlaceOrder, step: Step) -> Outcome {
        let checkout = state.checkout.name();
        match step {
            Step::Price => {
                let variants = state.lines.iter().map(|line| line.variant.clone()).collect();
                let quoted = self.peers.quote(&state.channel, variants).await;
                answer(step, state, quoted.map(Outcome::Quoted))
            }
            Step::Reserve => {
                answer(step, state, done(self.peers.reserve(&checkout, &state.lines, HOLD).await))
            }
            Step::Authorise => self.authorise(state).await,
            Step::Sync => answer(step, state, self.peers.sync_payment(&checkout).await.map(Outcome::from)),
            Step::Commit => answer(step, state, done(self.peers.commit(&checkout).await)),
            Step::Void => answer(step, state, done(self.peers.void_payment(&checkout).await)),
            Step::Release => answer(step, state, done(self.peers.release(&checkout).await)),
            Step::Placed | Step::Failed => Outcome::NoAnswer,
        }
    }

    async fn authorise(&self, state: &PlaceOrder) -> Outcome {
        let token = match self.payment_token(state).await {
            Ok(Some(token)) => token,
            Ok(None) => {
                let message = "the payment token cannot be read any more";
                return Outcome::Refused(Failure::new(FailureReason::PaymentFailed, message));
            }
            Err(error) => {
                tracing::warn!(checkout = %state.checkout.name(), %error, "payment token not read; retrying");
                return Outcome::NoAnswer;
            }
        };
        let Ok(total) = line::total(&state.lines, state.currency) else { return Outcome::NoAnswer };
        let asked = self.peers.authorise(&state.checkout.name(), &state.owner, total, token).await;
        answer(Step::Authorise, state, asked.map(Outcome::from))
    }

    async fn payment_token(&self, state: &PlaceOrder) -> Result<Option<String>> {
        let Some(sealed) = checkouts::sealed_payment_token(&self.db, &state.checkout).await? else {
            return Ok(None);
        };
        secrets::open_payment_token(&self.sealer, &self.db, &state.owner, &state.checkout, &sealed)
            .await
            .map(Some)
    }
}

impl From<Authorisation> for Outcome {
    fn from(answer: Authorisation) -> Self {
        match answer {
            Authorisation::Authorised(payment) => Self::Authorised(payment),
            Authorisation::Unknown => Self::Unknown,
            Authorisation::Failed(code) => {
                let declined = code.ends_with("declined");
                let reason =
                    if declined { FailureReason::PaymentDeclined } else { FailureReason::PaymentFailed };
                Self::Declined(Failure::new(reason, format!("the payment was refused: {code}")))
            }
        }
    }
}

fn done(answer: Result<(), Status>) -> Result<Outcome, Status> {
    answer.map(|()| Outcome::Done)
}

/// A refusal ends the step only when it is definite; anything else may have happened, or may happen later.
fn answer(step: Step, state: &PlaceOrder, answer: Result<Outcome, Status>) -> Outcome {
    let status = match answer {
        Ok(outcome) => return outcome,
        Err(status) => status,
    };
    let (checkout, code, message) = (state.checkout.name(), status.code(), status.message());
    if is_definite(&status) {
        // The everyday end of a checkout, such as too little stock: whoever checked out is told.
        tracing::info!(checkout, ?step, ?code, message, "checkout step refused");
        return Outcome::Refused(refusal(step, &status));
    }
    tracing::warn!(checkout, ?step, ?code, message, "checkout step not done; trying again");
    Outcome::NoAnswer
}

fn refusal(step: Step, status: &Status) -> Failure {
    let short = short_variants(status);
    match step {
        Step::Reserve if !short.is_empty() => {
            Failure::of_variants(FailureReason::OutOfStock, "not enough in stock", short)
        }
        Step::Commit => Failure::new(FailureReason::OutOfStock, "the stock could be held no longer"),
        Step::Authorise | Step::Sync => {
            Failure::new(FailureReason::PaymentFailed, "the payment could not be made; use another token")
        }
        _ => Failure::new(FailureReason::Internal, "the checkout could not be completed; try again later"),
    }
}
