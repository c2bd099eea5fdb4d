//! CreateRefund: gives captured money back, once per request id.

use shopmesh_kit::{error::Result, events::Cause, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;

use crate::{
    app::App,
    ids::PaymentId,
    translate,
    usecases::refunds::{self, RefundRequest},
    workflows::refund,
};

/// The refund: SUCCEEDED or FAILED, or PENDING while the provider does not answer.
pub async fn answer(app: &App, call: &Call, request: pb::CreateRefundRequest) -> Result<pb::Refund> {
    let cause = Cause::of(call, &*app.clock);
    let asked = RefundRequest {
        key: Key::of(call, &request.request_id, &request),
        cause: cause.clone(),
        ledger_key: app.ledger_key.clone(),
        payment: PaymentId::parse_field("payment", &request.payment)?,
        amount: translate::rpc::amount(request.amount)?,
        reason: request.reason,
    };
    let (payment, pending) = app.db.write(asked, |tx, asked| Box::pin(refunds::accept(tx, asked))).await?;
    Ok(translate::rpc::refund(&refund::finish(app, &payment, pending, &cause).await?))
}
