//! Asking the provider what became of an authorisation.

use shopmesh_kit::{error::Result, events::Cause};

use super::{heard, of_checkout, record, verdict};
use crate::{app::App, domain::payment::Payment, provider::Answer};

/// Why a payment failed that the provider never heard of.
const NOT_RECEIVED: &str = "not_received";

/// Settles an open payment, if the provider knows.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    if !payment.is_open() {
        return Ok(payment);
    }
    let mut answer = heard(app.provider.lookup(checkout).await)?;
    if answer == Some(Answer::Unheard) {
        // It never arrived. Barred first: what may still be on its way must not hold money for a failed payment.
        let barred = heard(app.provider.void(checkout).await)?;
        answer = barred.map(|_| Answer::Declined(NOT_RECEIVED.to_owned()));
    }
    let verdict = verdict(answer);
    record::decide(app, &payment.id, cause, move |payment| Ok(payment.settled(&verdict))).await
}
