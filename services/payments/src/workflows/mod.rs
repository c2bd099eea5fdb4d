//! How the provider is asked: what it is asked for is committed before, and its answer after. Every call carries the
//! same key when it is repeated, so a crash anywhere is mended by repeating, by the caller or by [`recover`].

pub mod authorize;
pub mod capture;
pub mod recover;
pub mod refund;
pub mod sync;
pub mod void;

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};

use crate::{
    app::App,
    domain::{
        answer::{Answer, Authorization, Void},
        payment::{Decision, Payment},
    },
    error::provider_unreachable,
    ids::PaymentId,
    provider::{Handle, ProviderError},
    store::payments,
    usecases::record,
};

/// Why a payment failed whose customer would have to do something first: no state of the contract waits for that.
const REQUIRES_ACTION: &str = "requires_action";

/// What a provider said. When no answer came, it may have done what was asked: it does not know yet.
fn heard<T: Default>(answer: Result<Answer<T>, ProviderError>) -> Result<Answer<T>> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(ProviderError::NoAnswer) => Ok(Answer::default()),
        Err(error @ ProviderError::Unreachable(_)) => {
            tracing::warn!(%error, "the payment provider cannot be reached");
            Err(provider_unreachable())
        }
    }
}

/// The payment of a checkout, or NOT_FOUND.
async fn of_checkout(app: &App, checkout: &str) -> Result<Payment> {
    let found = payments::of_checkout(&app.db, checkout).await?;
    found.ok_or_else(|| Error::not_found(&format!("the payment of {checkout}")))
}

/// Decides on a payment in a transaction of its own; see [`record::decide`].
async fn decide<F>(app: &App, id: &PaymentId, cause: &Cause, decision: F) -> Result<Payment>
where
    F: Fn(&Payment) -> Decision + Send + Sync + 'static,
{
    let data = (id.clone(), cause.clone(), app.ledger_key.clone(), decision);
    let decided = app
        .db
        .write(data, |tx, (id, cause, key, decision)| Box::pin(record::decide(tx, id, cause, key, decision)));
    decided.await
}

/// Writes what the provider said of an authorization.
async fn settle(
    app: &App,
    payment: Payment,
    answer: Answer<Authorization>,
    cause: &Cause,
) -> Result<Payment> {
    let answer = match answer.outcome {
        Authorization::RequiresAction(_) => {
            let provider_reference = answer.reference_after(&payment.provider_reference);
            give_up(app, &Payment { provider_reference, ..payment.clone() }, REQUIRES_ACTION).await?
        }
        _ => answer,
    };
    decide(app, &payment.id, cause, move |payment| Ok(payment.settled(&answer))).await
}

/// Declines an authorization ourselves, with this code. It is barred first: what may still be on its way to the provider
/// must not hold money for a failed payment.
async fn give_up(app: &App, payment: &Payment, code: &str) -> Result<Answer<Authorization>> {
    let answer = heard(app.provider.void(Handle::charge(payment)).await)?;
    let reference = answer.reference_after(&payment.provider_reference);
    let outcome = match answer.outcome {
        Void::Voided => Authorization::Declined(code.to_owned()),
        Void::Declined(_) | Void::Pending => Authorization::Pending,
    };
    Ok(Answer { reference, outcome })
}
