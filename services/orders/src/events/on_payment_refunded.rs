//! PaymentRefunded: the order that the payment covers shows what was given back.

use shopmesh_kit::{
    BoxFuture,
    clock::Timestamp,
    db::Tx,
    error::Result,
    events::{self, Cause, Envelope, EventHandler},
};
use shopmesh_proto::payments::v1::PaymentRefunded;

use crate::{translate, usecases::record_refund};

/// The consumer.
pub struct OnPaymentRefunded;

impl EventHandler for OnPaymentRefunded {
    fn name(&self) -> &'static str {
        "on_payment_refunded"
    }

    fn types(&self) -> &'static [&'static str] {
        &["shopmesh.payments.v1.PaymentRefunded"]
    }

    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<()>> {
        Box::pin(async move {
            let Some(refunded) = events::decode::<PaymentRefunded>(event)? else { return Ok(()) };
            let at = Timestamp::from_proto("time", &event.time.unwrap_or_default())?;
            let payment = refunded.payment.clone();
            let refund = translate::peers::refund(refunded)?;
            record_refund::record(tx, &payment, refund, &Cause::of_event(event, at)).await
        })
    }
}
