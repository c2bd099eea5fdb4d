//! CapturePayment: takes what was authorised.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{app::App, workflows::capture};

/// The payment of the checkout after it.
pub async fn answer(app: &App, request: Request<pb::CapturePaymentRequest>) -> Result<pb::Payment> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let payment = capture::run(app, &request.get_ref().checkout, &cause).await?;
    Ok(translate::payment(&payment))
}
