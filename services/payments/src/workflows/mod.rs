//! What takes more than one step: the row is written before the provider is asked, and its answer after.

pub mod authorize;
pub mod capture;
pub mod finish_refunds;
pub mod refund;
pub mod sync;
pub mod void;

use crate::{
    App,
    domain::payment::{State, settle},
    provider::{Answer, ProviderError},
    store::payments::{self, Payment},
};
use shopmesh_kit::{
    error::{Error, Result},
    events::{self, Cause},
};
use shopmesh_proto::payments::v1::{PaymentAuthorised, PaymentFailed};

/// Writes down what the provider's answer makes of an open payment, and tells others.
async fn settled(app: &App, payment: Payment, answer: Option<Answer>, cause: Cause) -> Result<Payment> {
    app.db
        .write((payment, answer, cause), |tx, (payment, answer, cause)| {
            Box::pin(async move {
                let (state, failure) = settle(answer.as_ref());
                let moved =
                    payments::advance(tx, payment, state, payment.captured, failure, cause.at).await?;
                let (name, checkout, owner) =
                    (payment.id.name(), payment.checkout.clone(), payment.owner.clone());
                match state {
                    State::Authorised if moved => {
                        let amount = Some(payment.amount.to_proto());
                        let event = PaymentAuthorised { payment: name.clone(), checkout, owner, amount };
                        events::append(tx, cause, &name, &event).await?;
                    }
                    State::Failed if moved => {
                        let failure_code = failure.to_owned();
                        let event = PaymentFailed { payment: name.clone(), checkout, owner, failure_code };
                        events::append(tx, cause, &name, &event).await?;
                    }
                    _ => {}
                }
                payments::get(tx, &name).await?.ok_or_else(|| Error::not_found(&name))
            })
        })
        .await
}

/// Silence is an answer to wait on; a broken way is an error to retry.
fn heard(answer: std::result::Result<Answer, ProviderError>) -> Result<Option<Answer>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ProviderError::NoAnswer) => Ok(None),
        Err(error @ ProviderError::UnknownToken) => Err(Error::invalid("payment_token", error.to_string())),
        Err(error @ ProviderError::Unreachable(_)) => {
            tracing::warn!(%error, "the payment provider cannot be reached");
            Err(Error::unavailable("the payment provider cannot be reached"))
        }
    }
}

/// The payment of a checkout, or NOT_FOUND.
async fn of_checkout(app: &App, checkout: &str) -> Result<Payment> {
    payments::of_checkout(&app.db, checkout).await?.ok_or_else(|| Error::not_found(checkout))
}

fn wrong_state(payment: &Payment, wanted: &str) -> Error {
    let problem = format!("the payment is {:?} and cannot be {wanted}", payment.state);
    Error::precondition("STATE", payment.id.name(), problem)
}
