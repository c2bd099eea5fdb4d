//! CreateRefund: gives captured money back, once per request id.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
    idempotency::{self, Keep, Key},
    money::Money,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    domain::{
        ids::{PaymentId, RefundId},
        payment::Payment,
        refund::Refund,
    },
    store::{mac::LedgerKey, payments, refunds},
    workflows::{record, refund},
};

/// A checked request.
struct Wish {
    key: Key,
    payment: PaymentId,
    amount: Money,
    reason: String,
    cause: Cause,
    ledger_key: LedgerKey,
}

/// The refund: SUCCEEDED or FAILED, or PENDING while the provider does not answer.
pub async fn answer(app: &App, request: Request<pb::CreateRefundRequest>) -> Result<pb::Refund> {
    let call = Call::of(&request)?.clone();
    let given = request.into_inner();
    let cause = Cause::of(&call, &*app.clock);
    let amount = given.amount.as_ref().ok_or_else(|| Error::invalid("amount", "is missing"))?;
    let wish = Wish {
        key: Key::new(call.principal_key(), &call.policy.path, &given.request_id, &given),
        payment: PaymentId::parse_field("payment", &given.payment)?,
        amount: Money::from_proto("amount", amount)?,
        reason: given.reason,
        cause: cause.clone(),
        ledger_key: app.ledger_key.clone(),
    };
    let (payment, pending) = app.db.write(wish, |tx, wish| Box::pin(accept(tx, wish))).await?;
    Ok(translate::refund(&refund::finish(app, &payment, pending, &cause).await?))
}

/// Sets the amount aside, or finds what an earlier attempt set aside.
async fn accept(tx: &mut Tx, wish: &Wish) -> Result<(Payment, Refund)> {
    let payment = payments::get(&mut *tx, &wish.payment).await?;
    // Saved is the id: the refund itself may have gone on since.
    if let Some(known) = idempotency::replay::<String>(tx, &wish.key).await? {
        let refund = refunds::get(&mut *tx, &RefundId::parse(&known)?).await?;
        return Ok((payment, refund));
    }
    let change = payment.refunding(wish.amount)?;
    let payment = record::write(tx, &wish.ledger_key, &wish.cause, &change).await?;
    let refund = Refund::pending(&payment.id, wish.amount, wish.reason.clone(), wish.cause.at);
    refunds::insert(tx, &refund).await?;
    idempotency::save(tx, &wish.key, &refund.id.name(), Keep::Money, wish.cause.at).await?;
    Ok((payment, refund))
}
