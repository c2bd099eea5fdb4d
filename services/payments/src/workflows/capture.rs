//! Taking what is held.

use shopmesh_kit::{error::Result, events::Cause};

use super::{heard, no_answer, of_checkout, record};
use crate::{
    app::App,
    domain::payment::{Payment, PaymentState},
    provider::Answer,
};

/// Captures the payment of a checkout; a captured one is answered as it is.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    let payment = record::decide(app, &payment.id, cause, Payment::capturing).await?;
    if payment.state == PaymentState::Captured {
        return Ok(payment);
    }
    match heard(app.provider.capture(checkout).await)? {
        Some(Answer::Done) => record::decide(app, &payment.id, cause, Payment::captured).await,
        // Whether it was taken is asked again, by the caller or by the recovery.
        Some(Answer::Pending) | None => Err(no_answer()),
        Some(Answer::Declined(_) | Answer::Unheard | Answer::Approved) => {
            let payment =
                record::decide(app, &payment.id, cause, |payment| Ok(payment.intent_refused())).await?;
            Err(payment.refuse("the provider refuses the capture"))
        }
    }
}
