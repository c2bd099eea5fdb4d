//! BatchGetAvailability: what can be bought now of many variants, for a cart.

use shopmesh_kit::error::Result;
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{app::App, store::stock};

/// In the order of the request; an unknown variant has none.
pub async fn answer(
    app: &App,
    request: Request<pb::BatchGetAvailabilityRequest>,
) -> Result<pb::BatchGetAvailabilityResponse> {
    let variants = request.into_inner().variants;
    let variants: Vec<&str> = variants.iter().map(String::as_str).collect();
    let found = stock::availability(&app.db, &variants).await?;
    Ok(pb::BatchGetAvailabilityResponse {
        availabilities: found.into_iter().map(translate::availability).collect(),
    })
}
