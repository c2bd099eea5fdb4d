//! Money given back: set aside before the provider is asked, so that parallel refunds never exceed what was taken, and
//! settled by its answer.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::Cause,
    idempotency::{self, Keep, Key},
    money::Money,
};

use super::record;
use crate::{
    domain::{
        answer::{self, Answer},
        payment::Payment,
        refund::{Refund, RefundState},
    },
    ids::{PaymentId, RefundId},
    store::{mac::LedgerKey, payments, refunds},
};

/// What is to be given back.
pub struct RefundRequest {
    /// Of the request.
    pub key: Key,
    /// What it is done for.
    pub cause: Cause,
    /// Signs the ledger.
    pub ledger_key: LedgerKey,
    /// The payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// For people.
    pub reason: String,
}

/// Sets the amount aside, or finds what an earlier attempt set aside.
///
/// # Errors
/// FAILED_PRECONDITION when less than that is left, INVALID_ARGUMENT for another currency or nothing at all.
pub async fn accept(tx: &mut Tx, request: &RefundRequest) -> Result<(Payment, Refund)> {
    let RefundRequest { key, cause, ledger_key, payment, amount, reason } = request;
    let payment = payments::get(&mut *tx, payment).await?;
    // Saved is the name: the refund itself may have gone on since.
    if let Some(known) = idempotency::saved_reply::<String>(tx, key).await? {
        let refund = refunds::get(&mut *tx, &RefundId::parse(&known)?).await?;
        return Ok((payment, refund));
    }
    let payment = record::write(tx, ledger_key, cause, &payment.refunding(*amount)?).await?;
    let refund = Refund::pending(&payment.id, *amount, reason.clone(), cause.at);
    refunds::insert(tx, &refund).await?;
    idempotency::save(tx, key, &refund.id.name(), Keep::Money, cause.at).await?;
    Ok((payment, refund))
}

/// Writes what the provider said of a pending refund: refund, payment, ledger and event. The refund after it.
///
/// # Errors
/// ABORTED when the payment changed at the same time.
pub async fn settle(
    tx: &mut Tx,
    id: &RefundId,
    answer: &Answer<answer::Refund>,
    cause: &Cause,
    key: &LedgerKey,
) -> Result<Refund> {
    let refund = refunds::get(&mut *tx, id).await?;
    let after = refund.settled(answer);
    if refund.state != RefundState::Pending || !refunds::update_pending(tx, &after, cause.at).await? {
        return refunds::get(tx, id).await;
    }
    let payment = payments::get(&mut *tx, &after.payment).await?;
    let change = match after.state {
        RefundState::Pending => return Ok(after),
        RefundState::Succeeded => payment.refunded(&after)?,
        RefundState::Failed => payment.refund_refused(&after)?,
    };
    record::write(tx, key, cause, &change).await?;
    Ok(after)
}
