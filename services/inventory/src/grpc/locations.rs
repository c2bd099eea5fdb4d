//! ListLocations, CreateLocation.

use super::translate;
use crate::{App, store::locations};
use shopmesh_proto::inventory::v1::{CreateLocationRequest, ListLocationsResponse, Location};
use tonic::{Request, Response, Status};

pub async fn list(app: &App) -> Result<Response<ListLocationsResponse>, Status> {
    let locations = locations::list(&app.db).await?.into_iter().map(translate::location).collect();
    Ok(Response::new(ListLocationsResponse { locations }))
}

pub async fn create(
    app: &App,
    request: Request<CreateLocationRequest>,
) -> Result<Response<Location>, Status> {
    let asked = request.into_inner().location.unwrap_or_default();
    let location =
        locations::Location { name: asked.name, title: asked.title, priority: i64::from(asked.priority) };
    let made = location.clone();
    app.db.write(location, |tx, location| Box::pin(locations::create(tx, location))).await?;
    Ok(Response::new(translate::location(made)))
}
