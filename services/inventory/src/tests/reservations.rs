//! Holds: all or nothing, once per owner, never more than there is.

use tokio::task::JoinSet;
use tonic::Code;

use super::*;

fn taken(reservation: &Reservation) -> Vec<(&str, i64)> {
    reservation.units.iter().map(|units| (units.location.as_str(), units.quantity)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_buyers_of_ten_units_get_exactly_ten() {
    let shop = Arc::new(Shop::with(6, 4).await);
    let mut buyers = JoinSet::new();
    for owner in 0..50 {
        let shop = shop.clone();
        buyers.spawn(async move { shop.reserve(owner, &[(1, 1)]).await });
    }
    let (mut sold, mut refused) = (0, 0);
    while let Some(answer) = buyers.join_next().await {
        match answer.unwrap() {
            Ok(_) => sold += 1,
            Err(status) => {
                assert_eq!(status.code(), Code::FailedPrecondition);
                assert_eq!(violations(&status), [("STOCK".to_owned(), variant(1))]);
                refused += 1;
            }
        }
    }
    assert_eq!((sold, refused, shop.available(1).await), (10, 40, 0));
    assert_eq!(shop.verify().await.held_total, 10);
    shop.assert_sound().await;
    assert_eq!(shop.events(&variant(1)).await, ["StockAdjusted", "StockAdjusted", "StockRanOut"]);
}

#[tokio::test]
async fn units_come_from_the_first_location_and_then_from_the_next() {
    let shop = Shop::with(3, 5).await;
    let held = shop.reserve(1, &[(1, 2), (1, 2)]).await.unwrap();
    assert_eq!(taken(&held), [(EAST, 3), (WEST, 1)]);
    assert_eq!(shop.available(1).await, 4);
}

#[tokio::test]
async fn one_short_line_holds_nothing_and_every_short_variant_is_named() {
    let shop = Shop::with(3, 0).await;
    let status = shop.reserve(1, &[(1, 3), (2, 1), (3, 9)]).await.unwrap_err();
    assert_eq!(violations(&status), [("STOCK".to_owned(), variant(2)), ("STOCK".to_owned(), variant(3))]);
    assert_eq!(shop.available(1).await, 3);
    shop.reserve(1, &[(1, 3)]).await.unwrap();
}

#[tokio::test]
async fn repeating_a_reserve_changes_nothing_and_other_lines_are_refused() {
    let shop = Shop::with(5, 0).await;
    let first = shop.reserve(1, &[(1, 2)]).await.unwrap();
    assert_eq!(shop.reserve(1, &[(1, 1), (1, 1)]).await.unwrap(), first, "the same sum is the same wish");
    assert_eq!(shop.available(1).await, 3);
    assert_eq!(shop.reserve(1, &[(1, 3)]).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(shop.commit(1).await.unwrap().state(), ReservationState::Committed);
    assert_eq!(shop.reserve(1, &[(1, 2)]).await.unwrap().state(), ReservationState::Committed);
}

#[tokio::test]
async fn a_released_owner_cannot_reserve_any_more_reserved_before_or_not() {
    let shop = Shop::with(5, 0).await;
    shop.reserve(1, &[(1, 2)]).await.unwrap();
    for owner in [1, 2] {
        for _ in 0..2 {
            assert_eq!(shop.release(owner).await.unwrap().state(), ReservationState::Released);
        }
        let late = shop.reserve(owner, &[(1, 2)]).await.unwrap_err();
        assert_eq!(late.code(), Code::FailedPrecondition);
        assert_eq!(violations(&late), [("STATE".to_owned(), checkout(owner))]);
    }
    assert_eq!(shop.available(1).await, 5);
    shop.assert_sound().await;
}

#[tokio::test]
async fn each_verb_may_be_repeated_and_units_leave_once() {
    let shop = Shop::with(3, 3).await;
    shop.reserve(1, &[(1, 4)]).await.unwrap();
    assert_eq!(shop.fulfill(1).await.unwrap_err().code(), Code::FailedPrecondition, "not committed yet");
    for _ in 0..2 {
        assert_eq!(shop.commit(1).await.unwrap().state(), ReservationState::Committed);
    }
    for _ in 0..2 {
        assert_eq!(shop.fulfill(1).await.unwrap().state(), ReservationState::Fulfilled);
    }
    assert_eq!(shop.commit(1).await.unwrap().state(), ReservationState::Fulfilled);
    assert_eq!(shop.release(1).await.unwrap().state(), ReservationState::Fulfilled, "gone is gone");
    let totals = shop.verify().await;
    assert_eq!((totals.on_hand_total, totals.held_total, totals.allocated_total), (2, 0, 0));
    shop.assert_sound().await;
    let request = ListMovementsRequest { variant: variant(1), page_size: 2, ..Default::default() };
    let request = by(operator(), "ListMovements", request);
    let sold = shop.rpcs.list_movements(request).await.unwrap().into_inner().movements;
    assert!(sold.iter().all(|movement| movement.reason() == MovementReason::Sold));
    assert_eq!(sold.iter().map(|movement| movement.delta).sum::<i64>(), -4);
}

#[tokio::test]
async fn a_committed_reservation_can_be_given_back() {
    let shop = Shop::with(4, 0).await;
    shop.reserve(1, &[(1, 4)]).await.unwrap();
    shop.commit(1).await.unwrap();
    assert_eq!(shop.release(1).await.unwrap().state(), ReservationState::Released);
    assert_eq!(shop.available(1).await, 4);
    assert_eq!(shop.commit(1).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(shop.commit(2).await.unwrap_err().code(), Code::NotFound);
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_hold_lasts_from_half_a_minute_to_an_hour() {
    let shop = Shop::with(4, 0).await;
    for seconds in [0, 29, 3601, -1, i64::MAX] {
        let line = ReserveLine { variant: variant(1), quantity: 1 };
        let ttl = Some(prost_types::Duration { seconds, nanos: 0 });
        let request = ReserveRequest { owner: checkout(1), lines: vec![line], ttl };
        let status = shop.rpcs.reserve(by_orders("Reserve", request)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{seconds} s");
    }
}

#[tokio::test]
async fn a_cart_is_told_of_all_its_variants_at_once() {
    let shop = Shop::with(5, 2).await;
    shop.reserve(1, &[(1, 3)]).await.unwrap();
    let request = BatchGetAvailabilityRequest { variants: vec![variant(9), variant(1)] };
    let request = by_orders("BatchGetAvailability", request);
    let told = shop.rpcs.batch_get_availability(request).await.unwrap().into_inner().availabilities;
    let told: Vec<_> = told.iter().map(|of| (of.variant.clone(), of.available)).collect();
    assert_eq!(told, [(variant(9), 0), (variant(1), 4)]);
}
