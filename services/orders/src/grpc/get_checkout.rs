//! GetCheckout.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::authorized;
use crate::{app::App, translate};

/// The checkout as it stands.
pub async fn answer(app: &App, call: &Call, request: pb::GetCheckoutRequest) -> Result<pb::Checkout> {
    let checkout = authorized::checkout(app, call, &request.name).await?;
    Ok(translate::rpc::checkout(&checkout))
}
