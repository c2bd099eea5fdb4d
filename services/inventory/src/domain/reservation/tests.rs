//! Units are conserved whatever happens in whatever order, and a reservation ends once.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::domain::{
    allocation::{Candidate, plan},
    stock::StockLevel,
};

const VARIANT: &str = "variants/v";
const LOCATIONS: [&str; 3] = ["locations/a", "locations/b", "locations/c"];

#[derive(Clone, Debug)]
enum Step {
    Move { location: usize, delta: i64 },
    Reserve { owner: u8, units: i64, ttl: u64 },
    Commit(u8),
    Release(u8),
    Fulfill(u8),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_usize, -20..30_i64).prop_map(|(location, delta)| Step::Move { location, delta }),
        (0..6_u8, 1..25_i64, 1..100_u64).prop_map(|(owner, units, ttl)| Step::Reserve { owner, units, ttl }),
        (0..6_u8).prop_map(Step::Commit),
        (0..6_u8).prop_map(Step::Release),
        (0..6_u8).prop_map(Step::Fulfill),
        (1..60_u64).prop_map(Step::Wait),
    ]
}

/// Stock and reservations in memory, changed by the domain's decisions alone.
struct Model {
    levels: Vec<StockLevel>,
    reservations: HashMap<u8, Reservation>,
    now: Timestamp,
    moved: i64,
    shipped: i64,
}

impl Model {
    fn new() -> Self {
        let levels = LOCATIONS.iter().map(|at| StockLevel::empty(VARIANT, at, "sellers/house")).collect();
        Self { levels, reservations: HashMap::new(), now: Timestamp(0), moved: 0, shipped: 0 }
    }

    fn shift(&mut self, units: &[Units], shift: fn(i64) -> Shift) {
        for units in units {
            let level = self.levels.iter_mut().find(|level| level.location == units.location).unwrap();
            *level = level.shifted(shift(units.quantity)).expect("a decision never breaks a level");
        }
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Move { location, delta } => {
                if let Some(next) = self.levels[*location].shifted(Shift::moved(*delta)) {
                    self.levels[*location] = next;
                    self.moved += delta;
                }
            }
            Step::Reserve { owner, units, ttl } => self.reserve(*owner, *units, *ttl),
            Step::Commit(owner) => self.transition(*owner, |held, now| held.commit(now).ok().flatten()),
            Step::Release(owner) => self.transition(*owner, |held, _| held.release()),
            Step::Fulfill(owner) => self.transition(*owner, |held, now| held.fulfill(now).ok().flatten()),
            Step::Wait(seconds) => {
                self.now = self.now + Duration::from_secs(*seconds);
                for owner in 0..6 {
                    self.transition(owner, Reservation::expire);
                }
            }
        }
    }

    fn reserve(&mut self, owner: u8, units: i64, ttl: u64) {
        let wanted = by_variant([(VARIANT, units)]);
        if let Some(known) = self.reservations.get(&owner) {
            let same = known.units.iter().map(|held| held.quantity).sum::<i64>() == units;
            assert!(same || known.check_repeat(&wanted, self.now).is_err());
            return;
        }
        let candidates: Vec<Candidate> =
            self.levels.iter().map(|level| Candidate { level: level.clone(), priority: 0 }).collect();
        let Ok(units) = plan(&wanted, &candidates) else { return };
        self.shift(&units, Shift::hold);
        let expires = self.now + Duration::from_secs(ttl);
        self.reservations.insert(owner, Reservation::hold(&format!("checkouts/{owner}"), units, expires));
    }

    fn transition(&mut self, owner: u8, verb: impl Fn(&Reservation, Timestamp) -> Option<Transition>) {
        let Some(mut reservation) = self.reservations.get(&owner).cloned() else { return };
        let Some(transition) = verb(&reservation, self.now) else { return };
        self.shift(&reservation.units, transition.shift);
        if transition.to == ReservationState::Fulfilled {
            self.shipped += reservation.units.iter().map(|units| units.quantity).sum::<i64>();
        }
        reservation.state = transition.to;
        self.reservations.insert(owner, reservation);
    }

    fn reserved(&self, state: ReservationState) -> i64 {
        let in_state = self.reservations.values().filter(|reservation| reservation.state == state);
        in_state.flat_map(|reservation| &reservation.units).map(|units| units.quantity).sum()
    }

    fn check(&self) {
        let sum = |of: fn(&StockLevel) -> i64| self.levels.iter().map(of).sum::<i64>();
        assert_eq!(sum(|level| level.on_hand), self.moved - self.shipped, "units are conserved");
        assert_eq!(sum(|level| level.held), self.reserved(ReservationState::Held));
        assert_eq!(sum(|level| level.allocated), self.reserved(ReservationState::Committed));
        assert!(self.levels.iter().all(|level| level.available() >= 0));
    }
}

proptest! {
    #[test]
    fn units_are_conserved(steps in prop::collection::vec(step(), 1..120)) {
        let mut model = Model::new();
        for step in &steps {
            model.run(step);
            model.check();
        }
    }

    #[test]
    fn an_ended_reservation_never_moves_again(steps in prop::collection::vec(step(), 1..120)) {
        let mut model = Model::new();
        let mut ended: HashMap<u8, ReservationState> = HashMap::new();
        for step in &steps {
            model.run(step);
            for (owner, state) in &ended {
                prop_assert_eq!(model.reservations[owner].state, *state);
            }
            let is_end = |state| !matches!(state, ReservationState::Held | ReservationState::Committed);
            let over = model.reservations.iter().filter(|(_, reservation)| is_end(reservation.state));
            ended = over.map(|(owner, reservation)| (*owner, reservation.state)).collect();
        }
    }
}

#[test]
fn a_hold_whose_time_is_over_cannot_be_committed_even_if_nobody_noticed() {
    let hold = Reservation::hold("checkouts/c", Vec::new(), Timestamp(10));
    assert!(hold.commit(Timestamp(9)).unwrap().is_some());
    let problem = hold.commit(Timestamp(10)).unwrap_err().to_string();
    assert!(problem.contains("EXPIRED"), "{problem}");
}

#[test]
fn whoever_released_first_is_barred() {
    let barred = Reservation::barred("checkouts/c", Timestamp(0));
    assert!(barred.check_repeat(&Wanted::new(), Timestamp(0)).is_err());
    assert!(barred.release().is_none());
}
