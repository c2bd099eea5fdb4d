//! PaymentRefunded: the payer is told how much.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler, money::Money};
use shopmesh_proto::payments::v1::PaymentRefunded;

use super::Tells;
use crate::domain::{fact::Fact, notice::Notice};

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells {
        name: "on_payment_refunded",
        types: &["shopmesh.payments.v1.PaymentRefunded"],
        notice,
        clock,
    })
}

fn notice(event: &PaymentRefunded) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "payment-refunded", &event.payment) else { return Ok(None) };
    let amount = Money::from_proto("amount", &event.amount.clone().unwrap_or_default())?;
    notice.with(&Fact::Amount(amount)).map(Some)
}
