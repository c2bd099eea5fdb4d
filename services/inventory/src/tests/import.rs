//! Counts: each row once, whatever was sold since, and fast.

use std::time::Instant;

use tonic::Code;

use super::*;

fn counts(numbers: std::ops::Range<u32>, on_hand: i64) -> Vec<StockCount> {
    numbers.map(|number| count(number, on_hand)).collect()
}

#[tokio::test]
async fn repeating_a_count_changes_nothing_whatever_was_sold_since() {
    let shop = Shop::open().await;
    let set = shop.import("first", counts(1..4, 10)).await.unwrap();
    assert_eq!((set.applied, set.repeated_rows), (3, 0));
    shop.reserve(1, &[(1, 4)]).await.unwrap();
    shop.commit(1).await.unwrap();
    shop.fulfill(1).await.unwrap();
    let again = shop.import("first", counts(1..5, 10)).await.unwrap();
    assert_eq!((again.applied, again.repeated_rows), (1, 3));
    assert_eq!((shop.available(1).await, shop.available(4).await), (6, 10));
    shop.import("second", counts(1..3, 0)).await.unwrap();
    assert_eq!((shop.available(1).await, shop.available(2).await, shop.available(3).await), (0, 0, 10));
    assert_eq!(shop.events(&variant(2)).await, ["StockAdjusted", "StockAdjusted", "StockRanOut"]);
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_bad_row_imports_nothing() {
    let shop = Shop::with(5, 0).await;
    shop.reserve(1, &[(1, 5)]).await.unwrap();
    let below_promises = counts(1..3, 4);
    assert_eq!(shop.import("a", below_promises).await.unwrap_err().code(), Code::FailedPrecondition);
    let mut unknown_place = counts(2..4, 1);
    unknown_place[1].location = "locations/moon".into();
    let status = shop.import("a", unknown_place).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message().contains("counts[1].location")),
        (Code::InvalidArgument, true)
    );
    let twice = [counts(2..4, 1), counts(3..4, 2)].concat();
    assert_eq!(shop.import("a", twice).await.unwrap_err().code(), Code::InvalidArgument);
    let mut two_sellers = [counts(2..3, 1), counts(2..3, 1)].concat();
    two_sellers[1].location = WEST.into();
    two_sellers[1].seller = ACME.into();
    assert_eq!(shop.import("a", two_sellers).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(shop.verify().await.checked, 1, "nothing was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_assortment_is_counted_quickly() {
    let shop = Shop::open().await;
    shop.sells(HOUSE, 0..20_000).await;
    let started = Instant::now();
    for chunk in 0..10 {
        shop.import("all", counts(chunk * 2000..(chunk + 1) * 2000, 7)).await.unwrap();
    }
    let rate = 20_000.0 / started.elapsed().as_secs_f64();
    println!("{rate:.0} rows/s");
    // 10,000 on an idle machine; tests share theirs.
    assert!(rate > 2_500.0, "only {rate:.0} rows/s");
    let again = shop.import("all", counts(0..2000, 9)).await.unwrap();
    assert_eq!((again.applied, again.repeated_rows), (0, 2000));
    let verified = shop.verify().await;
    assert_eq!((verified.checked, verified.on_hand_total), (20_000, 140_000));
    shop.assert_sound().await;
}
