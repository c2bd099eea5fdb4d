//! Asking the provider what became of an authorisation.

use super::{heard, of_checkout, settled};
use crate::{App, provider::Answer, store::payments::Payment};
use shopmesh_kit::{error::Result, events::Cause};

/// Settles an open payment, if the provider knows.
pub async fn run(app: &App, checkout: &str, cause: Cause) -> Result<Payment> {
    let payment = of_checkout(app, checkout).await?;
    if !payment.state.is_open() {
        return Ok(payment);
    }
    let mut answer = heard(app.provider.lookup(checkout).await)?;
    if answer == Some(Answer::Unheard) {
        // It never arrived. Barred first: a request still on its way must not hold money for a payment that failed.
        let barred = heard(app.provider.void(checkout).await)?;
        answer = barred.map(|_| Answer::Declined("not_received".to_owned()));
    }
    settled(app, payment, answer, cause).await
}
