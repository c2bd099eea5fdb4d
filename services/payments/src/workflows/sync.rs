//! Asking the provider what became of an authorization.

use shopmesh_kit::{error::Result, events::Cause};

use super::{give_up, heard, of_checkout, settle};
use crate::{
    app::App,
    domain::{
        answer::{Answer, Lookup},
        payment::Payment,
    },
    provider::Handle,
};

/// Why a payment failed that the provider never heard of.
const NOT_RECEIVED: &str = "not_received";

/// Settles an open payment, if the provider knows.
pub async fn run(app: &App, checkout: &str, cause: &Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    if !payment.is_open() {
        return Ok(payment);
    }
    let Answer { reference, outcome } = heard(app.provider.lookup(Handle::charge(&payment)).await)?;
    let answer = match outcome {
        Lookup::Found(outcome) => Answer { reference, outcome },
        Lookup::Unheard => give_up(app, &payment, NOT_RECEIVED).await?,
    };
    settle(app, payment, answer, cause).await
}
