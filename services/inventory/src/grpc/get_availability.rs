//! GetAvailability: what can be bought now, over all locations.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{app::App, store::stock, translate};

/// An unknown variant has none.
pub async fn answer(app: &App, _: &Call, request: pb::GetAvailabilityRequest) -> Result<pb::Availability> {
    let found = stock::availability(&app.db, &[&request.variant]).await?;
    Ok(found.into_iter().next().map(translate::rpc::availability).unwrap_or_default())
}
