//! What one person may have under way, and what is thrown away.

use std::time::Duration;

use shopmesh_kit::{
    clock::{Clock, SystemClock},
    db::sql,
};
use shopmesh_proto::{orders::v1 as pb, payments::v1::PaymentState};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{ANN, BOB, Shop, address, buy, by, fresh_id, peers::Fault, refusal, variant};
use crate::{
    domain::allowance::{MAX_FAILED_CHECKOUTS, MAX_OPEN_CARTS, MAX_RUNNING_CHECKOUTS},
    workflows::purge::purge,
};

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

/// Starts a checkout whose payment stays unknown.
async fn unpaid(shop: &Shop, units: i64) -> String {
    let cart = shop.cart(ANN, units).await;
    let request = pb::StartCheckoutRequest { payment_token: "tok_unknown".into(), ..buy(&cart) };
    shop.start_in_background(ANN, request).await
}

#[tokio::test]
async fn a_person_has_so_many_open_carts_and_no_more() {
    let shop = Shop::open().await;
    let mut last = shop.cart(ANN, 1).await;
    for _ in 1..MAX_OPEN_CARTS {
        last = shop.cart(ANN, 1).await;
    }
    let another = || pb::CreateCartRequest { request_id: fresh_id(), ..Default::default() };
    let answer = shop.carts().create_cart(by(ANN, another())).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, vec![("LIMIT".into(), ANN.into())]));
    shop.cart(BOB, 1).await;
    shop.checkouts().start_checkout(by(ANN, buy(&last))).await.unwrap();
    shop.carts().create_cart(by(ANN, another())).await.unwrap();
}

#[tokio::test]
async fn nobody_holds_stock_for_long_without_paying() {
    let shop = Shop::open().await;
    let mut running = Vec::new();
    for _ in 0..MAX_RUNNING_CHECKOUTS {
        running.push(unpaid(&shop, 5).await);
    }
    let cart = shop.cart(ANN, 5).await;
    let refused = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "CHECKOUTS_RUNNING"));
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
    assert_eq!(refused.get_details_error_info().unwrap().metadata["checkout"], running[0]);
    shop.order(BOB).await;

    shop.peers.world().syncs.extend([PaymentState::Failed; MAX_RUNNING_CHECKOUTS]);
    for name in &running {
        assert_eq!(shop.settled(ANN, name).await.state(), pb::CheckoutState::Failed);
    }
    let shop = shop.crash_and_restart().await;
    let refused = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "PAYMENT_BACKOFF"));
    let delay = refused.get_details_retry_info().unwrap().retry_delay.unwrap();
    assert!(delay > Duration::from_secs(5) && delay <= Duration::from_secs(30), "{delay:?}");
    shop.order(BOB).await;

    let waited = "UPDATE buyers SET last_failed = last_failed - 30000000";
    shop.app.db.write((), move |tx, ()| Box::pin(sql(waited).execute(tx))).await.unwrap();
    shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap();
}

#[tokio::test]
async fn an_empty_shelf_or_another_price_is_nobodys_fault() {
    let shop = Shop::open().await;
    shop.peers.world().stock.insert(variant(1), 0);
    let cart = shop.cart(ANN, 2).await;
    for _ in 0..MAX_FAILED_CHECKOUTS + 3 {
        let answer =
            shop.checkouts().start_checkout(by(ANN, buy(&shop.get_cart(ANN, &cart.name).await))).await;
        assert_eq!(refusal(answer), (Code::FailedPrecondition, vec![("STOCK".into(), variant(1))]));
    }
    for table in ["SELECT COUNT(*) AS n FROM checkouts", "SELECT COUNT(*) AS n FROM kit_sagas"] {
        let kept = sql(table).one(&shop.app.db).await.unwrap().int("n").unwrap();
        assert!((MAX_FAILED_CHECKOUTS..MAX_FAILED_CHECKOUTS + 3).contains(&kept), "{table}: {kept}");
    }
}

#[tokio::test]
async fn a_second_checkout_joins_the_running_one_only_if_it_asks_for_the_same() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 2).await;
    let first = pb::StartCheckoutRequest { payment_token: "tok_unknown".into(), ..buy(&cart) };
    let name = shop.start_in_background(ANN, first.clone()).await;
    let same = pb::StartCheckoutRequest { request_id: fresh_id(), ..first.clone() };
    let elsewhere = Some(pb::ShippingAddress { recipient: "Eve".into(), ..address() });
    let more = cart.subtotal.clone().map(|total| shopmesh_proto::google::r#type::Money { units: 9, ..total });
    for (other, field) in [
        (pb::StartCheckoutRequest { shipping_address: elsewhere, ..same.clone() }, "shipping_address"),
        (pb::StartCheckoutRequest { payment_token: "tok_approve".into(), ..same.clone() }, "payment_token"),
        (pb::StartCheckoutRequest { expected_total: more, ..same.clone() }, "expected_total"),
        (pb::StartCheckoutRequest { expected_total: None, ..same.clone() }, "expected_total"),
    ] {
        let other = pb::StartCheckoutRequest { request_id: fresh_id(), ..other };
        let refused = shop.checkouts().start_checkout(by(ANN, other)).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "CHECKOUT_RUNNING")
        );
        assert_eq!(refused.get_details_error_info().unwrap().metadata["checkout"], name);
        assert!(refused.message().contains(field), "{}", refused.message());
    }
    let stale = pb::StartCheckoutRequest { etag: "v9".into(), request_id: fresh_id(), ..same.clone() };
    assert_eq!(refusal(shop.checkouts().start_checkout(by(ANN, stale)).await).0, Code::Aborted);

    shop.peers.world().syncs.extend([PaymentState::Authorised]);
    let seen_in_checkout = shop.get_cart(ANN, &cart.name).await.etag;
    let joined = pb::StartCheckoutRequest { etag: seen_in_checkout, ..same };
    let joined = shop.checkouts().start_checkout(by(ANN, joined)).await;
    // It may have ended in between; then the cart is an order and nothing is bought twice.
    match joined {
        Ok(joined) => assert_eq!(joined.into_inner().name, name),
        Err(status) => assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}"),
    }
    assert_eq!(shop.settled(ANN, &name).await.state(), pb::CheckoutState::Placed);
    assert_eq!(shop.peers.world().payments.len(), 1);
}

#[tokio::test]
async fn a_second_shipment_joins_the_running_one_only_with_the_same_tracking() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    shop.peers.fail("capture", [Fault::Lost(Code::Unavailable); 3]);
    let ship = |tracking: &str| pb::CreateShipmentRequest {
        order: order.name.clone(),
        tracking: tracking.to_owned(),
        request_id: fresh_id(),
    };
    let mut staff = shop.fulfillment();
    let first = tokio::spawn({
        let request = by(super::STAFF, ship("A"));
        async move { staff.create_shipment(request).await }
    });
    super::eventually("it runs", || async { (shop.peers.count("capture") > 0).then_some(()) }).await;
    let other = shop.fulfillment().create_shipment(by(super::STAFF, ship("B"))).await;
    assert_eq!(refusal(other), (Code::FailedPrecondition, vec![("STATE".into(), order.name.clone())]));
    let shipped = first.await.unwrap().unwrap().into_inner();
    assert_eq!(shipped.shipments[0].tracking, "A");
}

#[tokio::test]
async fn what_nobody_comes_back_for_is_thrown_away() {
    let shop = Shop::open().await;
    let empty = pb::CreateCartRequest { request_id: fresh_id(), ..Default::default() };
    shop.carts().create_cart(by(ANN, empty)).await.unwrap();
    let (full, running) = (shop.cart(ANN, 1).await, unpaid(&shop, 1).await);
    let bought = shop.order(ANN).await;
    let declined = pb::StartCheckoutRequest { payment_token: "tok_decline".into(), ..buy(&full) };
    shop.checkouts().start_checkout(by(ANN, declined)).await.unwrap_err();
    let purged = async |days: u64| {
        let now = SystemClock.now() + Duration::from_hours(24 * days);
        purge(&shop.app.db, now).await.unwrap()
    };
    assert_eq!(purged(6).await, 0);
    assert_eq!(purged(8).await, 1, "the empty cart");
    assert_eq!(purged(31).await, 1, "the cart that became an order");
    assert_eq!(purged(36).await, 1, "the checkout that failed");
    assert_eq!(purged(91).await, 1, "the cart with lines");
    assert_eq!(purged(5000).await, 0, "a running checkout stays, with its cart");
    assert_eq!(shop.get_order(ANN, &bought.name).await.name, bought.name);
    let request = pb::GetCheckoutRequest { name: running };
    shop.checkouts().get_checkout(by(ANN, request)).await.unwrap();
}
