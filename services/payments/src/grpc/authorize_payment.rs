//! AuthorizePayment: asks the provider to hold an amount.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;

use crate::{
    app::App,
    translate,
    workflows::authorize::{self, AuthorizationRequest},
};

/// AUTHORISED, FAILED, or UNKNOWN when the provider did not answer.
pub async fn answer(app: &App, call: &Call, request: pb::AuthorizePaymentRequest) -> Result<pb::Payment> {
    let asked = AuthorizationRequest {
        checkout: request.checkout,
        owner: request.owner,
        amount: translate::rpc::amount(request.amount)?,
        token: request.payment_token,
    };
    let payment = authorize::run(app, asked, Cause::of(call, &*app.clock)).await?;
    Ok(translate::rpc::payment(&payment))
}
