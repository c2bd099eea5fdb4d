//! What time does to holds; stock always adds up, and a change behind the service's back shows.

use proptest::{prelude::*, test_runner::TestRunner};
use tonic::Code;

use super::*;
use crate::workflows::expire_holds::expire_due;

#[tokio::test]
async fn a_hold_expires_once_and_its_units_come_back() {
    let shop = Shop::with(5, 0).await;
    shop.reserve(1, &[(1, 5)]).await.unwrap();
    assert_eq!(expire_due(&shop.app).await.unwrap(), 0);
    shop.wait(60);
    assert_eq!(shop.commit(1).await.unwrap_err().code(), Code::FailedPrecondition, "due, though not noticed");
    assert_eq!(expire_due(&shop.app).await.unwrap(), 1);
    assert_eq!(expire_due(&shop.app).await.unwrap(), 0);
    assert_eq!(shop.available(1).await, 5);
    assert_eq!(shop.commit(1).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(shop.reserve(1, &[(1, 5)]).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(shop.release(1).await.unwrap().state(), ReservationState::Expired);
    assert_eq!(shop.events(&checkout(1)).await, ["ReservationExpired"]);
    shop.assert_sound().await;
}

#[tokio::test]
async fn many_holds_expire_together_and_a_broken_one_stops_no_other() {
    let shop = Shop::with(150, 0).await;
    for owner in 0..150 {
        shop.reserve(owner, &[(1, 1)]).await.unwrap();
    }
    shop.tamper("UPDATE reservation_units SET quantity = 1000 WHERE rowid = 7").await;
    shop.wait(61);
    assert_eq!(expire_due(&shop.app).await.unwrap(), 149);
    assert_eq!(shop.available(1).await, 149);
    let differences = shop.verify().await.differences;
    assert_eq!(differences.len(), 1);
    assert_eq!(
        (differences[0].quantity.as_str(), differences[0].stored, differences[0].computed),
        ("held", 1, 1000)
    );
}

#[tokio::test]
async fn every_kind_of_tampering_is_told() {
    for (tampering, quantity) in [
        ("UPDATE stock SET on_hand = on_hand + 1", "on_hand"),
        ("UPDATE stock SET held = held - 1", "held"),
        ("UPDATE stock SET allocated = allocated + 1", "allocated"),
        ("UPDATE movements SET delta = delta - 1", "on_hand"),
        ("DELETE FROM movements", "on_hand"),
        ("UPDATE reservations SET state = 4", "held"),
    ] {
        let shop = Shop::with(5, 0).await;
        shop.reserve(1, &[(1, 2)]).await.unwrap();
        shop.assert_sound().await;
        shop.tamper(tampering).await;
        let differences = shop.verify().await.differences;
        assert_eq!(differences.len(), 1, "{tampering}");
        assert_eq!(
            (differences[0].quantity.as_str(), differences[0].variant.clone()),
            (quantity, variant(1))
        );
    }
    let shop = Shop::with(5, 0).await;
    shop.tamper("DELETE FROM stock").await;
    assert_eq!(shop.verify().await.differences[0].computed, 5);
}

#[derive(Clone, Debug)]
enum Step {
    Adjust(u32, bool, i64),
    Reserve(u32, Vec<(u32, i64)>),
    Commit(u32),
    Release(u32),
    Fulfill(u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..4_u32, any::<bool>(), -8..15_i64)
            .prop_filter("zero is no movement", |step| step.2 != 0)
            .prop_map(|(variant, east, delta)| Step::Adjust(variant, east, delta)),
        (0..8_u32, prop::collection::vec((1..4_u32, 1..8_i64), 1..4))
            .prop_map(|(owner, lines)| Step::Reserve(owner, lines)),
        (0..8_u32).prop_map(Step::Commit),
        (0..8_u32).prop_map(Step::Release),
        (0..8_u32).prop_map(Step::Fulfill),
        (10..50_u64).prop_map(Step::Wait),
    ]
}

/// Runs the steps; refusals are answers too. Returns the units that came in and went out.
async fn run(shop: &Shop, steps: &[Step]) -> i64 {
    let mut moved = 0;
    for step in steps {
        match step {
            Step::Adjust(variant, east, delta) => {
                let place = if *east { EAST } else { WEST };
                if shop.adjust(operator(), adjustment(*variant, place, *delta)).await.is_ok() {
                    moved += delta;
                }
            }
            Step::Reserve(owner, lines) => drop(shop.reserve(*owner, lines).await),
            Step::Commit(owner) => drop(shop.commit(*owner).await),
            Step::Release(owner) => drop(shop.release(*owner).await),
            Step::Fulfill(owner) => {
                let before = shop.verify().await.on_hand_total;
                drop(shop.fulfill(*owner).await);
                moved += shop.verify().await.on_hand_total - before;
            }
            Step::Wait(seconds) => {
                shop.wait(*seconds);
                expire_due(&shop.app).await.unwrap();
            }
        }
    }
    moved
}

#[test]
fn stock_adds_up_after_any_sequence_of_calls() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() });
    let checked = runner.run(&prop::collection::vec(step(), 1..60), |steps| {
        runtime.block_on(async {
            let shop = Shop::open().await;
            let moved = run(&shop, &steps).await;
            let verified = shop.verify().await;
            prop_assert_eq!(&verified.differences, &[]);
            prop_assert_eq!(verified.on_hand_total, moved);
            let mut available = 0;
            for number in 1..4 {
                available += shop.available(number).await;
            }
            let promised = verified.held_total + verified.allocated_total;
            prop_assert_eq!(available, verified.on_hand_total - promised);
            Ok(())
        })
    });
    checked.unwrap();
}
