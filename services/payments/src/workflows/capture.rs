//! Taking what is held.

use super::{heard, of_checkout, wrong_state};
use crate::{
    App,
    domain::{ledger as books, payment::State},
    provider::Answer,
    store::{
        ledger,
        mac::LedgerKey,
        payments::{self, Payment},
    },
};
use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
};
use shopmesh_proto::payments::v1::PaymentCaptured;

/// Captures the payment of a checkout; a captured one is answered as it is.
pub async fn run(app: &App, checkout: &str, cause: Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    match payment.state {
        State::Captured => return Ok(payment),
        State::Authorised => {}
        _ => return Err(wrong_state(&payment, "captured")),
    }
    match heard(app.provider.capture(checkout).await)? {
        Some(Answer::Done) => {}
        Some(_) => return Err(wrong_state(&payment, "captured: the provider refuses")),
        None => return Err(Error::unavailable("the payment provider did not answer; try again")),
    }
    let capture = (payment, app.ledger_key.clone(), cause);
    app.db.write(capture, |tx, (payment, key, cause)| Box::pin(record(tx, payment, key, cause))).await
}

/// State, ledger and event in one transaction.
async fn record(tx: &mut Tx, payment: &Payment, key: &LedgerKey, cause: &Cause) -> Result<Payment> {
    let name = payment.id.name();
    if payments::advance(tx, payment, State::Captured, payment.amount, "", cause.at).await? {
        ledger::post(tx, key, books::capture(&payment.provider, &name, payment.amount)?, cause.at).await?;
        let event = PaymentCaptured {
            payment: name.clone(),
            checkout: payment.checkout.clone(),
            owner: payment.owner.clone(),
            amount: Some(payment.amount.to_proto()),
        };
        events::append(tx, cause, &name, &event).await?;
    }
    payments::get(tx, &name).await?.ok_or_else(|| Error::not_found(&name))
}
