//! Giving back what is set aside for it: the provider is asked with the refund's id as key.

use shopmesh_kit::{error::Result, events::Cause};

use super::heard;
use crate::{
    app::App,
    domain::{
        payment::Payment,
        refund::{Refund, RefundState},
    },
    provider::Handle,
    usecases::refunds,
};

/// Asks the provider for a pending refund and writes down its answer. Without an answer it stays pending.
pub async fn finish(app: &App, payment: &Payment, refund: Refund, cause: &Cause) -> Result<Refund> {
    if refund.state != RefundState::Pending {
        return Ok(refund);
    }
    let (charge, handle) = (Handle::charge(payment), Handle::refund(&refund));
    let answer = heard(app.provider.refund(charge, handle, refund.amount).await)?;
    let data = (refund.id.clone(), answer, cause.clone(), app.ledger_key.clone());
    let settled = app
        .db
        .write(data, |tx, (id, answer, cause, key)| Box::pin(refunds::settle(tx, id, answer, cause, key)));
    settled.await
}
