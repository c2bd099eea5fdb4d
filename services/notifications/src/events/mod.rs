//! What this service listens to: one file per event, which says what the event tells whom.

mod on_order_cancelled;
mod on_order_placed;
mod on_order_shipped;
mod on_payment_failed;
mod on_payment_refunded;
mod on_sign_up_repeated;
mod on_user_created;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use prost::{Message, Name};
use shopmesh_kit::{
    BoxFuture,
    clock::Clock,
    db::Tx,
    error::Result,
    events::{self, Envelope, EventHandler},
};

use crate::{domain::notice::Notice, store::deliveries};

/// What an event of type `M` tells a person, if anybody.
struct Tells<M> {
    name: &'static str,
    types: &'static [&'static str],
    notice: fn(&M) -> Result<Option<Notice>>,
    clock: Arc<dyn Clock>,
}

impl<M: Message + Name + Default> EventHandler for Tells<M> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn types(&self) -> &'static [&'static str] {
        self.types
    }

    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<()>> {
        Box::pin(async move {
            let Some(data) = events::decode::<M>(event)? else { return Ok(()) };
            let Some(notice) = (self.notice)(&data)? else { return Ok(()) };
            deliveries::queue(tx, &event.id, &notice, self.clock.now()).await
        })
    }
}

fn tells<M: Message + Name + Default + 'static>(
    name: &'static str,
    types: &'static [&'static str],
    notice: fn(&M) -> Result<Option<Notice>>,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn EventHandler> {
    Arc::new(Tells { name, types, notice, clock: clock.clone() })
}

/// All consumers.
#[rustfmt::skip]
pub fn handlers(clock: &Arc<dyn Clock>) -> Vec<Arc<dyn EventHandler>> {
    vec![
        tells("on_order_placed", &["shopmesh.orders.v1.OrderPlaced"], on_order_placed::notice, clock),
        tells("on_order_shipped", &["shopmesh.orders.v1.OrderShipped"], on_order_shipped::notice, clock),
        tells("on_order_cancelled", &["shopmesh.orders.v1.OrderCancelled"], on_order_cancelled::notice, clock),
        tells("on_payment_refunded", &["shopmesh.payments.v1.PaymentRefunded"], on_payment_refunded::notice, clock),
        tells("on_payment_failed", &["shopmesh.payments.v1.PaymentFailed"], on_payment_failed::notice, clock),
        tells("on_sign_up_repeated", &["shopmesh.identity.v1.SignUpRepeated"], on_sign_up_repeated::notice, clock),
        tells("on_user_created", &["shopmesh.identity.v1.UserCreated"], on_user_created::notice, clock),
    ]
}
