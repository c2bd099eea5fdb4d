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

/// All consumers.
pub fn handlers(clock: &Arc<dyn Clock>) -> Vec<Arc<dyn EventHandler>> {
    vec![
        on_order_placed::handler(clock.clone()),
        on_order_shipped::handler(clock.clone()),
        on_order_cancelled::handler(clock.clone()),
        on_payment_refunded::handler(clock.clone()),
        on_payment_failed::handler(clock.clone()),
        on_sign_up_repeated::handler(clock.clone()),
        on_user_created::handler(clock.clone()),
    ]
}
