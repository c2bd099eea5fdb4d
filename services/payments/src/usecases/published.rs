//! Events, in the transaction of what they tell.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};

use crate::{
    domain::payment::{Event, Payment},
    translate::events as facts,
};

/// Tells `event` of `payment`, as it is after it.
pub async fn tell(tx: &mut Tx, cause: &Cause, payment: &Payment, event: &Event) -> Result<()> {
    let subject = payment.id.name();
    match event {
        Event::Authorized => events::append(tx, cause, &subject, &facts::payment_authorized(payment)).await?,
        Event::Failed => events::append(tx, cause, &subject, &facts::payment_failed(payment)).await?,
        Event::Captured => events::append(tx, cause, &subject, &facts::payment_captured(payment)).await?,
        Event::Voided => events::append(tx, cause, &subject, &facts::payment_voided(payment)).await?,
        Event::Refunded { refund, amount } => {
            let data = facts::payment_refunded(payment, refund, *amount);
            events::append(tx, cause, &subject, &data).await?
        }
    };
    Ok(())
}
