//! Letting an authorisation go, whatever became of it.

use shopmesh_kit::{db::Tx, error::Result, events::Cause, money::Currency};

use super::{heard, no_answer, record};
use crate::{
    app::App,
    domain::payment::{Intent, Payment},
    provider::Answer,
    store::payments,
};

/// Voids the payment of a checkout. A checkout that has none is barred from authorising later.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let barred = Payment::barred(checkout, app.provider.name(), Currency::parse("USD")?, cause.at);
    let payment = app.db.write(barred, |tx, barred| Box::pin(find_or_bar(tx, barred))).await?;
    let payment = record::decide(app, &payment.id, cause, Payment::voiding).await?;
    if payment.intent != Some(Intent::Void) {
        return Ok(payment);
    }
    match heard(app.provider.void(checkout).await)? {
        Some(Answer::Done) => record::decide(app, &payment.id, cause, Payment::voided).await,
        Some(Answer::Pending) | None => Err(no_answer()),
        Some(Answer::Declined(_) | Answer::Unheard | Answer::Approved) => {
            let payment =
                record::decide(app, &payment.id, cause, |payment| Ok(payment.intent_refused())).await?;
            Err(payment.refuse("the provider refuses to void it"))
        }
    }
}

async fn find_or_bar(tx: &mut Tx, barred: &Payment) -> Result<Payment> {
    if let Some(known) = payments::of_checkout(&mut *tx, &barred.checkout).await? {
        return Ok(known);
    }
    payments::insert(tx, barred).await?;
    Ok(barred.clone())
}
