//! The life of a reservation: HELD -> COMMITTED -> FULFILLED, HELD -> RELEASED or EXPIRED, COMMITTED -> RELEASED.

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
};

use super::{
    allocation::{Units, Wanted, by_variant},
    stock::Shift,
};
use crate::ids::ReservationId;

/// State of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationState {
    /// Held until it expires.
    Held,
    /// Allocated to a placed order.
    Committed,
    /// Shipped.
    Fulfilled,
    /// Given back.
    Released,
    /// Given back because time ran out.
    Expired,
}

/// Units set aside for one checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// `checkouts/...`.
    pub owner: String,
    /// State.
    pub state: ReservationState,
    /// Where the units were taken from, by variant and location.
    pub units: Vec<Units>,
    /// When a hold expires.
    pub expires: Timestamp,
}

/// What a verb makes of a reservation: its next state, and the change of stock for each of its units.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The state after it.
    pub to: ReservationState,
    /// The change for so many units at one location.
    pub shift: fn(i64) -> Shift,
}

/// `None` when the verb was done before.
type Decision = Result<Option<Transition>>;

impl Reservation {
    /// A new hold.
    pub fn hold(owner: &str, units: Vec<Units>, expires: Timestamp) -> Self {
        let state = ReservationState::Held;
        Self { id: ReservationId::generate(), owner: owner.to_owned(), state, units, expires }
    }

    /// What an owner gets that released before it reserved: no units, ever.
    pub fn barred(owner: &str, now: Timestamp) -> Self {
        let state = ReservationState::Released;
        Self {
            id: ReservationId::generate(),
            owner: owner.to_owned(),
            state,
            units: Vec::new(),
            expires: now,
        }
    }

    /// Whether a hold's time is over, noticed or not.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == ReservationState::Held && self.expires <= now
    }

    /// Whether reserving `wanted` again is a repeat of what made this.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it has ended without an order, INVALID_ARGUMENT when other units are wanted.
    pub fn check_repeat(&self, wanted: &Wanted, now: Timestamp) -> Result<()> {
        if self.is_due(now) || matches!(self.state, ReservationState::Released | ReservationState::Expired) {
            return Err(self.refuse("its reservation has ended; start another checkout", now));
        }
        let units = self.units.iter().map(|units| (units.variant.as_str(), units.quantity));
        if by_variant(units) != *wanted {
            let problem = "differ from what this owner has reserved; release that and start another checkout";
            return Err(Error::invalid("lines", problem));
        }
        Ok(())
    }

    /// Makes the hold permanent.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it was released or its time is over.
    pub fn commit(&self, now: Timestamp) -> Decision {
        match self.state {
            ReservationState::Held if !self.is_due(now) => {
                Ok(Some(Transition { to: ReservationState::Committed, shift: Shift::allocate }))
            }
            ReservationState::Committed | ReservationState::Fulfilled => Ok(None),
            _ => Err(self.refuse("only a running hold can be committed", now)),
        }
    }

    /// Gives the units back, unless it has ended.
    pub fn release(&self) -> Option<Transition> {
        let shift = match self.state {
            ReservationState::Held => Shift::release_held,
            ReservationState::Committed => Shift::release_allocated,
            ReservationState::Fulfilled | ReservationState::Released | ReservationState::Expired => {
                return None;
            }
        };
        Some(Transition { to: ReservationState::Released, shift })
    }

    /// The units left the building.
    ///
    /// # Errors
    /// FAILED_PRECONDITION when it is not committed.
    pub fn fulfill(&self, now: Timestamp) -> Decision {
        match self.state {
            ReservationState::Committed => {
                Ok(Some(Transition { to: ReservationState::Fulfilled, shift: Shift::ship }))
            }
            ReservationState::Fulfilled => Ok(None),
            _ => Err(self.refuse("only a committed reservation can be fulfilled", now)),
        }
    }

    /// Gives the units back if the time of the hold is over.
    pub fn expire(&self, now: Timestamp) -> Option<Transition> {
        let due = Transition { to: ReservationState::Expired, shift: Shift::release_held };
        self.is_due(now).then_some(due)
    }

    fn refuse(&self, problem: &str, now: Timestamp) -> Error {
        let state = match self.state {
            ReservationState::Held if self.is_due(now) => "EXPIRED",
            ReservationState::Held => "HELD",
            ReservationState::Committed => "COMMITTED",
            ReservationState::Fulfilled => "FULFILLED",
            ReservationState::Released => "RELEASED",
            ReservationState::Expired => "EXPIRED",
        };
        Error::precondition("STATE", &self.owner, format!("{problem} (it is {state})"))
    }
}

#[cfg(test)]
mod tests;
