//! PaymentRefunded: the order that the payment covers shows what was given back.

use shopmesh_kit::{
    BoxFuture,
    clock::Timestamp,
    db::Tx,
    error::Result,
    events::{self, Cause, Envelope, EventHandler},
    money::Money,
};
use shopmesh_proto::payments::v1::PaymentRefunded;

use super::published;
use crate::{
    domain::order::{OrderEvent, Refund},
    store::orders,
};

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
            // Money is taken for placed orders only, so a payment without one is none of this database.
            let Some(id) = orders::of_payment(&mut *tx, &refunded.payment).await? else { return Ok(()) };
            let at = Timestamp::from_proto("time", &event.time.unwrap_or_default())?;
            let amount = Money::from_proto("amount", &refunded.amount.unwrap_or_default())?;
            let order = published::load(&mut *tx, &id).await?;
            let refund = OrderEvent::Refunded(Refund { name: refunded.refund, amount });
            published::append(tx, &Cause::of_event(event, at), Some(order), refund).await?;
            Ok(())
        })
    }
}
