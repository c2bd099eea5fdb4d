//! SyncPayment: asks the provider what became of an authorization.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;

use crate::{app::App, translate, workflows::sync};

/// The payment of the checkout after it.
pub async fn answer(app: &App, call: &Call, request: pb::SyncPaymentRequest) -> Result<pb::Payment> {
    let cause = Cause::of(call, &*app.clock);
    let payment = sync::run(app, &request.checkout, &cause).await?;
    Ok(translate::rpc::payment(&payment))
}
