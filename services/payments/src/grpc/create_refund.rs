//! CreateRefund: once per request id.

use super::translate;
use crate::{
    App,
    domain::payment::State,
    ids::RefundId,
    store::{
        payments::{self, Payment},
        refunds::{self, Refund},
    },
    workflows::refund,
};
use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    events::Cause,
    idempotency::{self, Keep, Key},
    money::Money,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;
use tonic::{Request, Response, Status};

struct Wish {
    key: Key,
    payment: String,
    amount: Money,
    reason: String,
    now: Timestamp,
}

pub async fn create_refund(
    app: &App,
    request: Request<pb::CreateRefundRequest>,
) -> std::result::Result<Response<pb::Refund>, Status> {
    let call = Call::of(&request)?.clone();
    let cause = Cause::of(&call, app.clock.as_ref());
    let request = request.into_inner();
    let amount = Money::from_proto("amount", request.amount.as_ref().unwrap_or(&Default::default()))?;
    if amount.minor <= 0 {
        return Err(Error::invalid("amount", "must be greater than zero").into());
    }
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let wish = Wish { key, payment: request.payment, amount, reason: request.reason, now: cause.at };
    let (payment, refund) = app.db.write(wish, |tx, wish| Box::pin(accept(tx, wish))).await?;
    let currency = payment.amount.currency;
    let refund = refund::finish(app, payment, refund, cause).await?;
    Ok(Response::new(translate::refund(refund, currency)))
}

/// Sets the amount aside, or finds what an earlier attempt set aside.
async fn accept(tx: &mut Tx, wish: &Wish) -> Result<(Payment, Refund)> {
    let payment =
        payments::get(&mut *tx, &wish.payment).await?.ok_or_else(|| Error::not_found(&wish.payment))?;
    if let Some(saved) = idempotency::replay::<pb::Refund>(tx, &wish.key).await? {
        let id = saved.name.strip_prefix(&format!("{}/", wish.payment)).unwrap_or_default();
        let id = RefundId::parse(id)?;
        let known = refunds::get(&mut *tx, &id).await?.ok_or_else(|| Error::not_found(&saved.name))?;
        return Ok((payment, known));
    }
    if wish.amount.currency != payment.amount.currency {
        return Err(Error::invalid("amount.currency_code", "must be the payment's currency"));
    }
    if payment.state != State::Captured {
        return Err(Error::precondition("STATE", &wish.payment, "only a captured payment can be refunded"));
    }
    if !payments::claim_refund(tx, &wish.payment, wish.amount, wish.now).await? {
        let left = payment.captured.checked_sub(payment.refunded)?;
        return Err(Error::precondition("LIMIT", &wish.payment, format!("only {left} is left to refund")));
    }
    let refund = Refund {
        id: RefundId::generate(),
        payment: wish.payment.clone(),
        state: refunds::State::Pending,
        minor: wish.amount.minor,
        reason: wish.reason.clone(),
        created: wish.now,
    };
    refunds::insert(tx, &refund).await?;
    let reply = translate::refund(refund.clone(), wish.amount.currency);
    idempotency::save(tx, &wish.key, &reply, Keep::Money, wish.now).await?;
    Ok((payment, refund))
}
