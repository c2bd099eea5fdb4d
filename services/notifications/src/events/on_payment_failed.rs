//! PaymentFailed: the payer is told why, who may no longer wait for the answer of the checkout.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::payments::v1::PaymentFailed;

use super::Tells;
use crate::domain::{fact::Fact, notice::Notice};

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells {
        name: "on_payment_failed",
        types: &["shopmesh.payments.v1.PaymentFailed"],
        notice,
        clock,
    })
}

fn notice(event: &PaymentFailed) -> Result<Option<Notice>> {
    let Some(notice) = Notice::to(&event.owner, "payment-failed", &event.payment) else { return Ok(None) };
    notice.with(&Fact::Reason(&event.failure_code)).map(Some)
}
