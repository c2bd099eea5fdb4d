//! Life of a reservation: it ends once.

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
};

/// State of a reservation; the numbers are stored and those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Held until it expires.
    Held = 1,
    /// Allocated to a placed order.
    Committed = 2,
    /// Shipped.
    Fulfilled = 3,
    /// Given back.
    Released = 4,
    /// Given back because time ran out.
    Expired = 5,
}

/// What is asked of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Make it permanent.
    Commit,
    /// Give it back.
    Release,
    /// The units left the building.
    Fulfill,
    /// Its time is over.
    Expire,
}

/// What happens to the units of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    /// Change of on hand, per unit.
    pub on_hand: i64,
    /// Change of held, per unit.
    pub held: i64,
    /// Change of allocated, per unit.
    pub allocated: i64,
}

impl State {
    /// The state of a stored number.
    pub fn from_code(code: i64) -> Result<Self> {
        [Self::Held, Self::Committed, Self::Fulfilled, Self::Released, Self::Expired]
            .into_iter()
            .find(|state| *state as i64 == code)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("no reservation state has the code {code}")))
    }
}

/// The next state and what it does to the units; none when the verb has had its effect already.
pub fn next(state: State, verb: Verb, expires: Timestamp, now: Timestamp) -> Result<Option<(State, Shift)>> {
    let from_held = Shift { on_hand: 0, held: -1, allocated: 0 };
    match (verb, state) {
        (Verb::Commit, State::Held) if expires > now => {
            Ok(Some((State::Committed, Shift { on_hand: 0, held: -1, allocated: 1 })))
        }
        (Verb::Commit, State::Committed | State::Fulfilled) | (Verb::Fulfill, State::Fulfilled) => Ok(None),
        (Verb::Release, State::Released | State::Expired) => Ok(None),
        (Verb::Release, State::Held) => Ok(Some((State::Released, from_held))),
        (Verb::Release, State::Committed) => {
            Ok(Some((State::Released, Shift { on_hand: 0, held: 0, allocated: -1 })))
        }
        (Verb::Fulfill, State::Committed) => {
            Ok(Some((State::Fulfilled, Shift { on_hand: -1, held: 0, allocated: -1 })))
        }
        (Verb::Expire, State::Held) if expires <= now => Ok(Some((State::Expired, from_held))),
        (Verb::Expire, _) => Ok(None),
        (Verb::Commit, State::Held | State::Expired) => {
            Err(Error::precondition("STATE", "reservation", "the hold has expired: reserve again"))
        }
        (verb, state) => {
            let problem = format!("a reservation that is {state:?} cannot take {verb:?}");
            Err(Error::precondition("STATE", "reservation", problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Committed, Expired, Fulfilled, Held, Released};

    const NOW: Timestamp = Timestamp(1_000);
    const LATER: Timestamp = Timestamp(2_000);

    fn after(state: State, verb: Verb, expires: Timestamp) -> Option<Option<State>> {
        next(state, verb, expires, NOW).ok().map(|next| next.map(|(state, _)| state))
    }

    #[test]
    fn only_drawn_arrows_are_taken() {
        assert_eq!(after(Held, Verb::Commit, LATER), Some(Some(Committed)));
        assert_eq!(after(Held, Verb::Commit, NOW), None, "expired, even if nobody noticed yet");
        assert_eq!(after(Expired, Verb::Commit, NOW), None);
        assert_eq!(after(Released, Verb::Commit, LATER), None);
        assert_eq!(after(Committed, Verb::Fulfill, NOW), Some(Some(Fulfilled)));
        assert_eq!(after(Held, Verb::Fulfill, LATER), None);
        assert_eq!(after(Fulfilled, Verb::Release, NOW), None);
        assert_eq!(after(Held, Verb::Expire, LATER), Some(None));
        assert_eq!(after(Held, Verb::Expire, NOW), Some(Some(Expired)));
    }

    #[test]
    fn each_verb_may_be_repeated() {
        for (verb, state) in
            [(Verb::Commit, Committed), (Verb::Release, Released), (Verb::Fulfill, Fulfilled)]
        {
            assert_eq!(after(state, verb, LATER), Some(None), "{verb:?}");
        }
    }
}
