//! Writes a decision: payment, ledger transaction and event, all or nothing.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use crate::{
    app::App,
    domain::{
        ids::PaymentId,
        payment::{Change, Decision, Payment},
    },
    events::published,
    store::{ledger, mac::LedgerKey, payments},
};

/// Decides on the payment as it is in the transaction that writes the decision. The payment after it.
///
/// # Errors
/// What the decision refuses, ABORTED when somebody else changed the payment at the same time.
pub async fn decide<F>(app: &App, id: &PaymentId, cause: &Cause, decision: F) -> Result<Payment>
where
    F: Fn(&Payment) -> Decision + Send + Sync + 'static,
{
    let data = (id.clone(), cause.clone(), app.ledger_key.clone(), decision);
    app.db
        .write(data, |tx, (id, cause, key, decision)| {
            Box::pin(async move {
                let payment = payments::get(&mut *tx, id).await?;
                match decision(&payment)? {
                    Some(change) => write(tx, key, cause, &change).await,
                    None => Ok(payment),
                }
            })
        })
        .await
}

/// Writes a change of a payment that was read in this transaction.
///
/// # Errors
/// ABORTED when it was changed since, or the ledger moved on.
pub async fn write(tx: &mut Tx, key: &LedgerKey, cause: &Cause, change: &Change) -> Result<Payment> {
    let Change { payment, posting, news } = change;
    let after = payments::update(tx, payment, cause.at).await?;
    if let Some(posting) = posting {
        ledger::post(tx, key, &after.id, posting, cause.at).await?;
    }
    if let Some(news) = news {
        published::tell(tx, cause, &after, news).await?;
    }
    Ok(after)
}
