//! Adds a location, once.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};

use crate::{
    domain::location::{Location, MOST_LOCATIONS},
    store::locations,
};

/// The location; the same one again is a repeat.
///
/// # Errors
/// ALREADY_EXISTS for another one of its name, FAILED_PRECONDITION when there are too many.
pub async fn create(tx: &mut Tx, location: &Location) -> Result<Location> {
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
