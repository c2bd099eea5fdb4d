//! GetAvailability: what can be bought now, over all locations.

use shopmesh_kit::error::Result;
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{app::App, store::stock};

/// An unknown variant has none.
pub async fn answer(app: &App, request: Request<pb::GetAvailabilityRequest>) -> Result<pb::Availability> {
    let variant = request.into_inner().variant;
    let found = stock::availability(&app.db, &[&variant]).await?;
    Ok(found.into_iter().next().map(translate::availability).unwrap_or_default())
}
