//! Taking what is held.

use shopmesh_kit::{error::Result, events::Cause};

use super::{decide, heard, of_checkout};
use crate::{
    app::App,
    domain::{
        answer::Capture,
        payment::{Payment, PaymentState},
    },
    error::no_answer,
    provider::Handle,
};

/// Captures the payment of a checkout; a captured one is answered as it is.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    let payment = decide(app, &payment.id, cause, Payment::capturing).await?;
    if payment.state == PaymentState::Captured {
        return Ok(payment);
    }
    let answer = heard(app.provider.capture(Handle::charge(&payment)).await)?;
    match &answer.outcome {
        Capture::Captured => decide(app, &payment.id, cause, move |payment| payment.captured(&answer)).await,
        // Whether it was taken is asked again, by the caller or by the recovery.
        Capture::Pending => Err(no_answer()),
        Capture::Declined(code) => {
            tracing::warn!(payment = %payment.id, code, "the provider refuses a capture");
            let payment = decide(app, &payment.id, cause, |payment| Ok(payment.intent_refused())).await?;
            Err(payment.refuse("the provider refuses the capture"))
        }
    }
}
