//! The process is killed in the middle of each step, after the peer acted and before that was written down.

use shopmesh_proto::{orders::v1 as pb, payments::v1::PaymentState};
use tonic::Code;

use super::{
    ANN, STAFF, Shop, buy, by,
    checkout::{assert_failed, assert_placed},
    eventually, fresh_id,
    peers::Fault,
};

/// Kills the service once the peer has been asked for `step` since it was asked `before` times.
async fn kill_in(shop: Shop, step: &str, before: usize) -> Shop {
    let peers = shop.peers.clone();
    eventually("the step is taken", || async { (peers.count(step) > before).then_some(()) }).await;
    shop.crash_and_restart().await
}

#[tokio::test]
async fn a_checkout_goes_on_after_a_kill_in_any_step() {
    for step in ["quote", "reserve", "authorize", "sync", "commit"] {
        let shop = Shop::open().await;
        let cart = shop.cart(ANN, 2).await;
        let token = if step == "sync" { "tok_unknown" } else { "tok_approve" };
        shop.peers.world().syncs.extend([PaymentState::Authorised]);
        shop.peers.fail(step, [Fault::Silent]);
        let before = shop.peers.count(step);
        let request = pb::StartCheckoutRequest { payment_token: token.into(), ..buy(&cart) };
        let name = shop.start_in_background(ANN, request.clone()).await;
        let shop = kill_in(shop, step, before).await;
        assert_placed(&shop, &shop.settled(ANN, &name).await).await;
        let repeated = shop.checkouts().start_checkout(by(ANN, request)).await.unwrap().into_inner();
        assert_eq!(repeated.name, name);
    }
}

#[tokio::test]
async fn an_undo_goes_on_after_a_kill_in_any_step() {
    for step in ["void", "release"] {
        let shop = Shop::open().await;
        let cart = shop.cart(ANN, 2).await;
        shop.peers.fail("commit", [Fault::Lost(Code::FailedPrecondition)]);
        shop.peers.fail(step, [Fault::Silent]);
        let name = shop.start_in_background(ANN, buy(&cart)).await;
        let shop = kill_in(shop, step, 0).await;
        assert_failed(&shop, &shop.settled(ANN, &name).await, "OUT_OF_STOCK").await;
    }
}

#[tokio::test]
async fn two_kills_in_a_row_change_nothing() {
    for (first, second) in [("reserve", "authorize"), ("authorize", "commit"), ("commit", "commit")] {
        let shop = Shop::open().await;
        let cart = shop.cart(ANN, 2).await;
        shop.peers.fail(first, [Fault::Silent]);
        shop.peers.fail(second, [Fault::Silent]);
        let name = shop.start_in_background(ANN, buy(&cart)).await;
        let shop = kill_in(shop, first, 0).await;
        let before = if first == second { 1 } else { 0 };
        let shop = kill_in(shop, second, before).await;
        assert_placed(&shop, &shop.settled(ANN, &name).await).await;
    }
}

#[tokio::test]
async fn canceling_and_shipping_go_on_after_a_kill() {
    for (step, ships) in [("release", false), ("void", false), ("capture", true), ("fulfill", true)] {
        let shop = Shop::open().await;
        let order = shop.order(ANN).await;
        shop.peers.fail(step, [Fault::Silent]);
        let (mut orders, mut fulfillment) = (shop.orders(), shop.fulfillment());
        let name = order.name.clone();
        let call = tokio::spawn(async move {
            let (request_id, tracking) = (fresh_id(), String::new());
            if ships {
                let request = pb::CreateShipmentRequest { order: name, tracking, request_id };
                fulfillment.create_shipment(by(STAFF, request)).await
            } else {
                let request = pb::CancelOrderRequest { name, reason: String::new(), request_id };
                orders.cancel_order(by(ANN, request)).await
            }
        });
        let shop = kill_in(shop, step, 0).await;
        call.abort();
        let ended = || async {
            let order = shop.get_order(ANN, &order.name).await;
            (order.payment_state() != pb::PaymentState::Authorised).then_some(order)
        };
        let order = eventually("the order is through", ended).await;
        let expected = if ships { pb::PaymentState::Paid } else { pb::PaymentState::Voided };
        assert_eq!(order.payment_state(), expected);
        assert_eq!(shop.available(), if ships { 98 } else { 100 });
    }
}
