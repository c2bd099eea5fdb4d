//! GetAvailability.

use crate::{App, store::stock};
use shopmesh_kit::error::Result;
use shopmesh_proto::inventory::v1::{Availability, GetAvailabilityRequest};
use tonic::{Request, Response, Status};

pub async fn get_availability(
    app: &App,
    request: Request<GetAvailabilityRequest>,
) -> std::result::Result<Response<Availability>, Status> {
    Ok(Response::new(of(app, request.into_inner().variant).await?))
}

/// What can be bought of a variant now.
pub async fn of(app: &App, variant: String) -> Result<Availability> {
    let (available, version) = stock::availability(&app.db, &variant).await?;
    Ok(Availability { variant, available, version })
}
