//! The first row of a checkout: one payment each, or the bar against one.

use shopmesh_kit::{db::Tx, error::Result};

use crate::{domain::payment::Payment, store::payments};

/// The payment of the checkout of `asked`, and whether it is new.
///
/// # Errors
/// INVALID_ARGUMENT when an earlier one was asked for with other terms, FAILED_PRECONDITION when it was voided.
pub async fn open(tx: &mut Tx, asked: &Payment) -> Result<(Payment, bool)> {
    if let Some(known) = payments::of_checkout(&mut *tx, &asked.checkout).await? {
        known.check_repeat(asked)?;
        return Ok((known, false));
    }
    payments::insert(tx, asked).await?;
    Ok((asked.clone(), true))
}

/// The payment of the checkout of `barred`, which becomes its payment if it has none.
pub async fn find_or_bar(tx: &mut Tx, barred: &Payment) -> Result<Payment> {
    if let Some(known) = payments::of_checkout(&mut *tx, &barred.checkout).await? {
        return Ok(known);
    }
    payments::insert(tx, barred).await?;
    Ok(barred.clone())
}
