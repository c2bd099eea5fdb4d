//! Units of one variant at one location, and every way they can change.

use shopmesh_kit::error::{Error, Result};

/// Most units of a variant at one location: far above any warehouse, far below what sums could overflow.
pub const MOST_ON_HAND: i64 = 1_000_000_000_000;

/// Units of one variant at one location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLevel {
    /// `variants/...`.
    pub variant: String,
    /// `locations/...`.
    pub location: String,
    /// `sellers/...` who owns the units.
    pub seller: String,
    /// Physically there.
    pub on_hand: i64,
    /// Held for running checkouts.
    pub held: i64,
    /// Promised to placed orders.
    pub allocated: i64,
    /// Grows with each change.
    pub version: i64,
}

/// A change of a level. The only ways to make one are the verbs below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Change of on hand.
    pub on_hand: i64,
    /// Change of held.
    pub held: i64,
    /// Change of allocated.
    pub allocated: i64,
}

impl Shift {
    /// Units come in (positive) or go out.
    pub fn moved(delta: i64) -> Self {
        Self { on_hand: delta, held: 0, allocated: 0 }
    }

    /// Available units are held for a checkout.
    pub fn hold(units: i64) -> Self {
        Self { on_hand: 0, held: units, allocated: 0 }
    }

    /// Held units become available again.
    pub fn release_held(units: i64) -> Self {
        Self { on_hand: 0, held: -units, allocated: 0 }
    }

    /// Held units are promised to an order.
    pub fn allocate(units: i64) -> Self {
        Self { on_hand: 0, held: -units, allocated: units }
    }

    /// Promised units become available again.
    pub fn release_allocated(units: i64) -> Self {
        Self { on_hand: 0, held: 0, allocated: -units }
    }

    /// Promised units leave the building.
    pub fn ship(units: i64) -> Self {
        Self { on_hand: -units, held: 0, allocated: -units }
    }

    /// Change of what can be bought.
    pub fn available(self) -> i64 {
        self.on_hand - self.held - self.allocated
    }
}

impl StockLevel {
    /// Nothing yet.
    pub fn empty(variant: &str, location: &str, seller: &str) -> Self {
        Self {
            variant: variant.to_owned(),
            location: location.to_owned(),
            seller: seller.to_owned(),
            on_hand: 0,
            held: 0,
            allocated: 0,
            version: 0,
        }
    }

    /// What can be bought.
    pub fn available(&self) -> i64 {
        self.on_hand - self.held - self.allocated
    }

    /// The level after `shift`; `None` when a quantity or what is available would be negative.
    pub fn shifted(&self, shift: Shift) -> Option<StockLevel> {
        let next = StockLevel {
            on_hand: self.on_hand.checked_add(shift.on_hand)?,
            held: self.held.checked_add(shift.held)?,
            allocated: self.allocated.checked_add(shift.allocated)?,
            version: self.version + 1,
            ..self.clone()
        };
        let sound = next.held >= 0 && next.allocated >= 0 && next.available() >= 0;
        sound.then_some(next)
    }

    /// Adds or takes units.
    ///
    /// # Errors
    /// FAILED_PRECONDITION `STOCK` when more would be taken than is available, `LIMIT` above [`MOST_ON_HAND`].
    pub fn moved(&self, delta: i64) -> Result<StockLevel> {
        let next = self.shifted(Shift::moved(delta)).ok_or_else(|| {
            let problem = format!("{} are available at {}; take no more", self.available(), self.location);
            Error::precondition("STOCK", &self.variant, problem)
        })?;
        if next.on_hand > MOST_ON_HAND {
            let problem = format!("{} can hold at most {MOST_ON_HAND} units of a variant", self.location);
            return Err(Error::precondition("LIMIT", &self.variant, problem));
        }
        Ok(next)
    }
}

/// What can be bought of a variant over all locations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// `variants/...`.
    pub variant: String,
    /// Units.
    pub available: i64,
    /// Grows with each change.
    pub version: i64,
}

impl Availability {
    /// The sum over `levels`, all of `variant`.
    pub fn of<'a>(variant: &str, levels: impl IntoIterator<Item = &'a StockLevel>) -> Self {
        let none = Self { variant: variant.to_owned(), available: 0, version: 0 };
        levels.into_iter().fold(none, |sum, level| Self {
            available: sum.available + level.available(),
            version: sum.version + level.version,
            ..sum
        })
    }
}
