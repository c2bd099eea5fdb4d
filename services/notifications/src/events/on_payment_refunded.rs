//! PaymentRefunded: the payer is told how much.

use shopmesh_kit::{error::Result, money::Money};
use shopmesh_proto::payments::v1::PaymentRefunded;

use crate::domain::{fact::Fact, notice::Notice};

/// What it says.
pub fn notice(event: &PaymentRefunded) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "payment-refunded", &event.payment) else { return Ok(None) };
    let amount = Money::from_proto("amount", &event.amount.clone().unwrap_or_default())?;
    notice.with(&Fact::Amount(amount)).map(Some)
}
