//! Giving money back. The amount is set aside with the PENDING row, so that parallel refunds never exceed what was
//! taken; then the provider is asked, with the refund's id as key.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::{heard, record};
use crate::{
    app::App,
    domain::{
        payment::Payment,
        refund::{Refund, RefundState},
    },
    provider::Answer,
    store::{mac::LedgerKey, payments, refunds},
};

/// Asks the provider for a pending refund and writes down its answer. Without an answer it stays pending.
pub async fn finish(app: &App, payment: &Payment, refund: Refund, cause: &Cause) -> Result<Refund> {
    if refund.state != RefundState::Pending {
        return Ok(refund);
    }
    let answer = app.provider.refund(&payment.checkout, refund.id.as_str(), refund.amount).await;
    let state = match heard(answer)? {
        Some(Answer::Done) => RefundState::Succeeded,
        Some(Answer::Declined(_) | Answer::Unheard) => RefundState::Failed,
        Some(Answer::Approved | Answer::Pending) | None => RefundState::Pending,
    };
    let ending = (refund, state, app.ledger_key.clone(), cause.clone());
    let job = app
        .db
        .write(ending, |tx, (refund, state, key, cause)| Box::pin(write(tx, refund, *state, key, cause)));
    job.await
}

/// Refund, payment, ledger and event in one transaction.
async fn write(
    tx: &mut Tx,
    refund: &Refund,
    state: RefundState,
    key: &LedgerKey,
    cause: &Cause,
) -> Result<Refund> {
    if state == RefundState::Pending {
        refunds::asked(tx, &refund.id, cause.at).await?;
    } else if refunds::finish(tx, &refund.id, state).await? {
        let payment = payments::get(&mut *tx, &refund.payment).await?;
        let change = match state {
            RefundState::Succeeded => payment.refunded(refund)?,
            RefundState::Failed | RefundState::Pending => payment.refund_refused(refund)?,
        };
        record::write(tx, key, cause, &change).await?;
    }
    refunds::get(tx, &refund.id).await
}
