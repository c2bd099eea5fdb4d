//! Where the units of a reservation are taken from.

use std::collections::BTreeMap;

use shopmesh_kit::error::{Error, Result};

use super::stock::StockLevel;

/// Wanted units by variant, in the order in which rows are changed. Several lines of one variant are summed.
pub type Wanted = BTreeMap<String, i64>;

/// Units set aside at one location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units {
    /// `variants/...`.
    pub variant: String,
    /// `locations/...`.
    pub location: String,
    /// Units, more than zero.
    pub quantity: i64,
}

/// A stock level with the priority of its location.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The level.
    pub level: StockLevel,
    /// Lower is taken from first.
    pub priority: i64,
}

/// The sum of units by variant.
pub fn by_variant<'a>(lines: impl IntoIterator<Item = (&'a str, i64)>) -> Wanted {
    lines.into_iter().fold(Wanted::new(), |mut wanted, (variant, units)| {
        *wanted.entry(variant.to_owned()).or_default() += units;
        wanted
    })
}

/// Takes every wanted unit from locations in order of priority, or none. Sorted by variant and location: everybody
/// changes rows in that order, so that two reservations cannot wait for one another.
///
/// # Errors
/// FAILED_PRECONDITION with a `STOCK` violation for each variant that is short, which names what is available.
pub fn plan(wanted: &Wanted, candidates: &[Candidate]) -> Result<Vec<Units>> {
    let mut taken = Vec::with_capacity(wanted.len());
    let mut short = Vec::new();
    for (variant, units) in wanted {
        let mut places: Vec<&Candidate> =
            candidates.iter().filter(|candidate| candidate.level.variant == *variant).collect();
        places.sort_by_key(|place| (place.priority, &place.level.location));
        let available: i64 = places.iter().map(|place| place.level.available()).sum();
        if available < *units {
            short.push((variant, *units, available));
            continue;
        }
        let mut left = *units;
        for place in places {
            let quantity = left.min(place.level.available());
            if quantity > 0 {
                let location = place.level.location.clone();
                taken.push(Units { variant: variant.clone(), location, quantity });
                left -= quantity;
            }
        }
    }
    if short.is_empty() {
        taken.sort_unstable();
        return Ok(taken);
    }
    Err(shortage(&short))
}

fn shortage(short: &[(&String, i64, i64)]) -> Error {
    let problem = |wanted, available| format!("{wanted} are wanted, {available} are available");
    let mut violations =
        short.iter().map(|(variant, wanted, available)| (*variant, problem(wanted, available)));
    let (variant, text) = violations.next().expect("called with at least one shortage");
    let first = Error::precondition("STOCK", variant, text);
    violations.fold(first, |error, (variant, text)| error.with_violation("STOCK", variant, text))
}

#[cfg(test)]
mod tests;
