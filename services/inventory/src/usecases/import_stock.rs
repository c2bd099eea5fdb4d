//! Sets on hand to counted values, many in one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};
use shopmesh_proto::inventory::v1 as pb;

use super::published;
use crate::{
    domain::{
        movement::{Movement, Reason},
        stock::{Availability, Shift, StockLevel},
    },
    ids::MovementId,
    store::{
        counted::{self, Place},
        locations, movements, stock,
    },
};

/// What was counted.
pub struct Count {
    /// Names the count: what it set once, it does not set again.
    pub id: String,
    /// Each place once.
    pub rows: Vec<CountedRow>,
    /// Who sells each variant.
    pub sellers: HashMap<String, String>,
    /// What it is done for.
    pub cause: Cause,
}

/// What was counted at one place.
pub struct CountedRow {
    /// Where.
    pub place: Place,
    /// Whom the row names, if anybody.
    pub named: String,
    /// Units.
    pub on_hand: i64,
}

/// What the rows of a count change.
#[derive(Default)]
struct Changes {
    new: Vec<StockLevel>,
    movements: Vec<Movement>,
    /// Of each movement, what is on hand after it.
    on_hand: Vec<i64>,
}

/// How many rows were set now and how many by an earlier call, and what can be bought of their variants.
///
/// # Errors
/// INVALID_ARGUMENT names the row with an unknown location or another seller's name.
pub async fn import(tx: &mut Tx, count: &Count) -> Result<(pb::ImportStockResponse, Vec<Availability>)> {
    check_locations(tx, &count.rows).await?;
    let places: Vec<Place> = count.rows.iter().map(|row| row.place.clone()).collect();
    let known = counted::known(tx, &count.id, &places).await?;
    let fresh: Vec<(usize, &CountedRow)> =
        count.rows.iter().enumerate().filter(|(_, row)| !known.contains(&row.place)).collect();
    let reply = pb::ImportStockResponse {
        applied: i32::try_from(fresh.len()).map_err(Error::internal)?,
        repeated_rows: i32::try_from(known.len()).map_err(Error::internal)?,
    };
    if fresh.is_empty() {
        return Ok((reply, Vec::new()));
    }
    let variants = variants_of(fresh.iter().map(|(_, row)| *row));
    let levels = stock::levels(&mut *tx, &variants).await?;
    let changes = decide(count, &fresh, &levels)?;
    let before = stock::availability(&mut *tx, &variants).await?;
    write(tx, &changes, &levels).await?;
    let fresh: Vec<Place> = fresh.iter().map(|(_, row)| row.place.clone()).collect();
    counted::insert(tx, &count.id, &fresh).await?;
    for (movement, on_hand) in changes.movements.iter().zip(&changes.on_hand) {
        published::stock_adjusted(tx, &count.cause, movement, *on_hand).await?;
    }
    let after = stock::availability(&mut *tx, &variants).await?;
    published::ran_out(tx, &count.cause, &before, &after).await?;
    Ok((reply, after))
}

/// The variants of `rows`, each once.
pub fn variants_of<'a>(rows: impl Iterator<Item = &'a CountedRow>) -> Vec<&'a str> {
    let variants: BTreeSet<&str> = rows.map(|row| row.place.0.as_str()).collect();
    variants.into_iter().collect()
}

async fn check_locations(tx: &mut Tx, rows: &[CountedRow]) -> Result<()> {
    let known: HashSet<String> =
        locations::list(&mut *tx).await?.into_iter().map(|location| location.name).collect();
    match rows.iter().position(|row| !known.contains(&row.place.1)) {
        None => Ok(()),
        Some(index) => {
            let field = format!("counts[{index}].location");
            Err(Error::invalid(&field, "is not known; create it first"))
        }
    }
}

/// The new rows and movements that make on hand what was counted.
fn decide(count: &Count, fresh: &[(usize, &CountedRow)], levels: &[StockLevel]) -> Result<Changes> {
    let by_place: HashMap<(&str, &str), &StockLevel> =
        levels.iter().map(|level| ((level.variant.as_str(), level.location.as_str()), level)).collect();
    let mut changes = Changes::default();
    for (index, CountedRow { place: (variant, location), named, on_hand }) in fresh {
        let owner = count.sellers.get(variant).ok_or_else(|| Error::not_found(variant))?;
        if !named.is_empty() && named != owner {
            let problem = format!("the units of {variant} belong to {owner}; name that seller");
            return Err(Error::invalid(&format!("counts[{index}].seller"), problem));
        }
        let known = by_place.get(&(variant.as_str(), location.as_str()));
        let delta = on_hand - known.map_or(0, |level| level.on_hand);
        let after = match known {
            Some(level) => level.moved(delta)?,
            None => StockLevel::empty(variant, location, owner).moved(delta)?,
        };
        if delta != 0 {
            changes.movements.push(Movement {
                id: MovementId::generate(),
                variant: variant.clone(),
                location: location.clone(),
                delta,
                reason: Reason::Counted,
                reference: count.id.clone(),
                created: count.cause.at,
            });
            changes.on_hand.push(after.on_hand);
        }
        if known.is_none() {
            changes.new.push(after);
        }
    }
    Ok(changes)
}

async fn write(tx: &mut Tx, changes: &Changes, known: &[StockLevel]) -> Result<()> {
    stock::insert(tx, &changes.new).await?;
    let known: HashSet<(&str, &str)> =
        known.iter().map(|level| (level.variant.as_str(), level.location.as_str())).collect();
    for movement in &changes.movements {
        let Movement { variant, location, delta, .. } = movement;
        if known.contains(&(variant.as_str(), location.as_str())) {
            stock::shift(tx, variant, location, Shift::moved(*delta)).await?;
        }
    }
    movements::insert(tx, &changes.movements).await
}
