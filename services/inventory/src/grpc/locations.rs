//! ListLocations and CreateLocation.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    domain::location::{Location, MOST_LOCATIONS},
    store::locations,
};

/// All locations, by priority.
pub async fn list(app: &App) -> Result<pb::ListLocationsResponse> {
    let all = locations::list(&app.db).await?;
    let locations = all.into_iter().map(translate::location).collect::<Result<_>>()?;
    Ok(pb::ListLocationsResponse { locations })
}

/// Adds a location; the same one again is a repeat.
pub async fn create(app: &App, request: Request<pb::CreateLocationRequest>) -> Result<pb::Location> {
    let given = request.into_inner().location;
    let given = given.ok_or_else(|| Error::invalid("location", "is missing"))?;
    let location = translate::location_from(given);
    let made = app.db.write(location, |tx, location| Box::pin(create_once(tx, location)));
    translate::location(made.await?)
}

async fn create_once(tx: &mut Tx, location: &Location) -> Result<Location> {
    match locations::get(&mut *tx, &location.name).await? {
        Some(known) if known == *location => return Ok(known),
        Some(known) => {
            let problem = format!("{} exists with another title or priority", known.name);
            return Err(Error::already_exists(&known.name, problem));
        }
        None => {}
    }
    if usize::try_from(locations::count(tx).await?).map_err(Error::internal)? >= MOST_LOCATIONS {
        let problem = format!("the shop has {MOST_LOCATIONS} locations, which is the most");
        return Err(Error::precondition("LIMIT", &location.name, problem));
    }
    locations::insert(tx, location).await?;
    Ok(location.clone())
}
