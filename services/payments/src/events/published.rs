//! Events into the outbox, in the transaction of what they tell.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};
use shopmesh_proto::payments::v1 as pb;

use crate::domain::payment::{News, Payment};

/// Tells `news` of `payment`, as it is after it.
pub async fn tell(tx: &mut Tx, cause: &Cause, payment: &Payment, news: &News) -> Result<()> {
    let name = payment.id.name();
    let (checkout, owner) = (payment.checkout.clone(), payment.owner.clone());
    match news {
        News::Authorised => {
            let amount = Some(payment.amount.to_proto());
            let data = pb::PaymentAuthorised { payment: name.clone(), checkout, owner, amount };
            events::append(tx, cause, &name, &data).await?
        }
        News::Failed => {
            let failure_code = payment.failure_code.clone();
            let data = pb::PaymentFailed { payment: name.clone(), checkout, owner, failure_code };
            events::append(tx, cause, &name, &data).await?
        }
        News::Captured => {
            let amount = Some(payment.captured.to_proto());
            let data = pb::PaymentCaptured { payment: name.clone(), checkout, owner, amount };
            events::append(tx, cause, &name, &data).await?
        }
        News::Voided => {
            let data = pb::PaymentVoided { payment: name.clone(), checkout, owner };
            events::append(tx, cause, &name, &data).await?
        }
        News::Refunded { refund, amount } => {
            let (refund, amount) = (refund.clone(), Some(amount.to_proto()));
            let data = pb::PaymentRefunded { payment: name.clone(), refund, owner, amount };
            events::append(tx, cause, &name, &data).await?
        }
    };
    Ok(())
}
