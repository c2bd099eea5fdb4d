//! ListLocations and CreateLocation.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{app::App, store::locations, translate, usecases::create_location};

/// All locations, by priority.
pub async fn list(app: &App, _: &Call, _: pb::ListLocationsRequest) -> Result<pb::ListLocationsResponse> {
    let all = locations::list(&app.db).await?;
    let locations = all.into_iter().map(translate::rpc::location).collect::<Result<_>>()?;
    Ok(pb::ListLocationsResponse { locations })
}

/// Adds a location.
pub async fn create(app: &App, _: &Call, request: pb::CreateLocationRequest) -> Result<pb::Location> {
    let given = request.location.ok_or_else(|| Error::invalid("location", "is missing"))?;
    let location = translate::rpc::location_from(given);
    let made = app.db.write(location, |tx, location| Box::pin(create_location::create(tx, location)));
    translate::rpc::location(made.await?)
}
