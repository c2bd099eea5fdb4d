//! Properties of plans: exact, within what is there, by priority.

use proptest::prelude::*;
use shopmesh_kit::error::ErrorKind;
use tonic::Status;
use tonic_types::StatusExt;

use super::*;

fn candidate(variant: u8, location: u8, priority: i64, available: i64) -> Candidate {
    let level = StockLevel {
        on_hand: available,
        ..StockLevel::empty(&format!("variants/{variant}"), &format!("locations/{location}"), "sellers/house")
    };
    Candidate { level, priority }
}

/// Levels of three variants at four locations; a location has one priority.
fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    (prop::collection::vec(0..20_i64, 12), prop::collection::vec(0..3_i64, 4)).prop_map(
        |(available, priorities)| {
            let cells = available.into_iter().enumerate();
            cells
                .map(|(at, available)| {
                    let location = u8::try_from(at % 4).unwrap();
                    candidate(u8::try_from(at / 4).unwrap(), location, priorities[at % 4], available)
                })
                .collect()
        },
    )
}

proptest! {
    #[test]
    fn a_plan_takes_exactly_what_is_wanted_from_what_is_there(
        candidates in candidates(),
        lines in prop::collection::vec((0..3_u8, 1..30_i64), 1..6),
    ) {
        let names: Vec<(String, i64)> =
            lines.iter().map(|(variant, units)| (format!("variants/{variant}"), *units)).collect();
        let wanted = by_variant(names.iter().map(|(variant, units)| (variant.as_str(), *units)));
        let available = |variant: &str| -> i64 {
            candidates.iter().filter(|c| c.level.variant == variant).map(|c| c.level.available()).sum()
        };
        let enough = wanted.iter().all(|(variant, units)| available(variant) >= *units);
        let planned = plan(&wanted, &candidates);
        prop_assert_eq!(planned.is_ok(), enough);
        let Ok(units) = planned else { return Ok(()) };
        prop_assert!(units.is_sorted());
        let taken = by_variant(units.iter().map(|units| (units.variant.as_str(), units.quantity)));
        prop_assert_eq!(&taken, &wanted);
        let of = |candidate: &Candidate| -> i64 {
            let same = units.iter().filter(|units| {
                units.variant == candidate.level.variant && units.location == candidate.level.location
            });
            same.map(|units| units.quantity).sum()
        };
        for taken in &candidates {
            prop_assert!(of(taken) <= taken.level.available());
            // Whoever comes before a location that gives units has none left.
            let first = |c: &&Candidate| c.level.variant == taken.level.variant && c.priority < taken.priority;
            if of(taken) > 0 {
                prop_assert!(candidates.iter().filter(first).all(|c| of(c) == c.level.available()));
            }
        }
    }
}

#[test]
fn each_short_variant_is_named_with_what_is_available() {
    let wanted = by_variant([("variants/0", 2), ("variants/0", 2), ("variants/1", 1), ("variants/2", 1)]);
    let stock = [candidate(0, 0, 0, 3), candidate(2, 0, 0, 1)];
    let error = plan(&wanted, &stock).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    let violations = Status::from(error).get_details_precondition_failure().unwrap().violations;
    let told: Vec<_> = violations.iter().map(|v| (v.subject.as_str(), v.description.as_str())).collect();
    assert_eq!(
        told,
        [("variants/0", "4 are wanted, 3 are available"), ("variants/1", "1 are wanted, 0 are available")]
    );
}
