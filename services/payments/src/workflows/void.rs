//! Letting an authorisation go, whatever became of it.

use super::{heard, wrong_state};
use crate::{
    App,
    domain::payment::State,
    provider::Answer,
    store::payments::{self, Payment},
};
use shopmesh_kit::{
    error::{Error, Result},
    events::{self, Cause},
    money::{Currency, Money},
};
use shopmesh_proto::payments::v1::PaymentVoided;

/// Voids the payment of a checkout. One that has none is barred from authorising later.
pub async fn run(app: &App, checkout: &str, cause: Cause) -> Result<Payment> {
    let payment = find_or_bar(app, checkout, &cause).await?;
    match payment.state {
        State::Voided | State::Failed => return Ok(payment),
        State::Captured => return Err(wrong_state(&payment, "voided: refund it")),
        State::Authorising | State::Unknown | State::Authorised => {}
    }
    match heard(app.provider.void(checkout).await)? {
        Some(Answer::Done) => {}
        Some(_) => return Err(wrong_state(&payment, "voided: the provider refuses")),
        None => return Err(Error::unavailable("the payment provider did not answer; try again")),
    }
    app.db
        .write((payment, cause), |tx, (payment, cause)| {
            Box::pin(async move {
                let name = payment.id.name();
                if payments::advance(tx, payment, State::Voided, payment.captured, "", cause.at).await? {
                    let (checkout, owner) = (payment.checkout.clone(), payment.owner.clone());
                    let event = PaymentVoided { payment: name.clone(), checkout, owner };
                    events::append(tx, cause, &name, &event).await?;
                }
                payments::get(tx, &name).await?.ok_or_else(|| Error::not_found(&name))
            })
        })
        .await
}

async fn find_or_bar(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    // A tombstone needs some currency; its amount is zero.
    let nothing = Money::zero(Currency::parse("USD")?);
    let mut tombstone = Payment::new(checkout, "", nothing, app.provider.name(), Vec::new(), cause.at);
    tombstone.state = State::Voided;
    app.db
        .write(tombstone, |tx, tombstone| {
            Box::pin(async move {
                if let Some(known) = payments::of_checkout(&mut *tx, &tombstone.checkout).await? {
                    return Ok(known);
                }
                payments::insert(tx, tombstone).await?;
                Ok(tombstone.clone())
            })
        })
        .await
}
