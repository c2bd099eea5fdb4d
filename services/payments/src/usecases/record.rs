//! Writes a decision: payment, ledger transaction and event, all or nothing.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::published;
use crate::{
    domain::payment::{Change, Decision, Payment},
    ids::PaymentId,
    store::{ledger, mac::LedgerKey, payments},
};

/// Decides on the payment as it is in the transaction that writes the decision. The payment after it.
///
/// # Errors
/// What the decision refuses, ABORTED when somebody else changed the payment at the same time.
pub async fn decide(
    tx: &mut Tx,
    id: &PaymentId,
    cause: &Cause,
    key: &LedgerKey,
    decision: impl Fn(&Payment) -> Decision,
) -> Result<Payment> {
    let payment = payments::get(&mut *tx, id).await?;
    match decision(&payment)? {
        Some(change) => write(tx, key, cause, &change).await,
        None => Ok(payment),
    }
}

/// Writes a change of a payment that was read in this transaction.
///
/// # Errors
/// ABORTED when it was changed since, or the ledger moved on.
pub async fn write(tx: &mut Tx, key: &LedgerKey, cause: &Cause, change: &Change) -> Result<Payment> {
    let Change { payment, posting, event } = change;
    let after = payments::update(tx, payment, cause.at).await?;
    if let Some(posting) = posting {
        ledger::post(tx, key, &after.id, posting, cause.at).await?;
    }
    if let Some(event) = event {
        published::tell(tx, cause, &after, event).await?;
    }
    Ok(after)
}
