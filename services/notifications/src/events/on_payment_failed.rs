//! PaymentFailed: the payer is told why, who may no longer wait for the answer of the checkout.

use shopmesh_kit::error::Result;
use shopmesh_proto::payments::v1::PaymentFailed;

use crate::domain::{fact::Fact, notice::Notice};

/// What it says.
pub fn notice(event: &PaymentFailed) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "payment-failed", &event.payment) else { return Ok(None) };
    notice.with(&Fact::Reason(&event.failure_code)).map(Some)
}
