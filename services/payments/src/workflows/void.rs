//! Letting an authorization go, whatever became of it.

use shopmesh_kit::{error::Result, events::Cause};

use super::{decide, heard};
use crate::{
    app::App,
    domain::{
        answer::Void,
        payment::{Intent, Payment},
    },
    error::no_answer,
    provider::Handle,
    usecases::payments,
};

/// Voids the payment of a checkout. A checkout that has none is barred from authorizing later.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let barred = Payment::barred(checkout, app.provider.name(), cause.at);
    let payment = app.db.write(barred, |tx, barred| Box::pin(payments::find_or_bar(tx, barred))).await?;
    let payment = decide(app, &payment.id, cause, Payment::voiding).await?;
    if payment.intent != Intent::Void {
        return Ok(payment);
    }
    match heard(app.provider.void(Handle::charge(&payment)).await)?.outcome {
        Void::Voided => decide(app, &payment.id, cause, Payment::voided).await,
        Void::Pending => Err(no_answer()),
        Void::Declined(code) => {
            tracing::warn!(payment = %payment.id, code, "the provider refuses a void");
            let payment = decide(app, &payment.id, cause, |payment| Ok(payment.intent_refused())).await?;
            Err(payment.refuse("the provider refuses to void it"))
        }
    }
}
