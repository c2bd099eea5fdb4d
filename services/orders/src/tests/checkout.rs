//! Checkouts: every step failing in every way ends with an order that is covered, or with nothing held.

use futures_util::future::join_all;
use shopmesh_kit::events;
use shopmesh_proto::{inventory::v1::ReservationState, orders::v1 as pb, payments::v1::PaymentState};
use tonic::Code;
use tonic_types::StatusExt;

use super::{ANN, BOB, STAFF, Shop, address, buy, by, fresh_id, peers::Fault, refusal, variant};
use crate::{ids::OrderId, store::orders, usecases::published};

/// The checkout is placed: two units are sold for good, the money is held, the cart is gone.
pub(super) async fn assert_placed(shop: &Shop, checkout: &pb::Checkout) {
    assert_eq!(checkout.state(), pb::CheckoutState::Placed, "{checkout:?}");
    let order = shop.get_order(ANN, &checkout.order).await;
    assert_eq!(
        (order.state(), order.payment_state()),
        (pb::OrderState::Placed, pb::PaymentState::Authorised)
    );
    assert_eq!((order.total.clone(), order.shipping_address), (checkout.total.clone(), Some(address())));
    assert_eq!(shop.get_cart(ANN, &checkout.cart).await.state(), pb::CartState::Converted);
    let world = shop.peers.world();
    assert_eq!(world.holds[&checkout.name].0, ReservationState::Committed);
    assert_eq!(world.payments[&checkout.name], (PaymentState::Authorised, 500));
    drop(world);
    assert_eq!(shop.available(), 98);
}

/// The checkout failed: nothing is held and the cart can be changed again.
pub(super) async fn assert_failed(shop: &Shop, checkout: &pb::Checkout, reason: &str) {
    assert_eq!(checkout.state(), pb::CheckoutState::Failed, "{checkout:?}");
    assert_eq!(checkout.failure.as_ref().unwrap().reason, reason);
    assert_eq!(shop.get_cart(ANN, &checkout.cart).await.state(), pb::CartState::Active);
    assert_eq!(shop.available(), 100);
    let held = shop.peers.world().payments.get(&checkout.name).copied();
    assert!(!matches!(held, Some((PaymentState::Authorised | PaymentState::Unknown, _))), "{held:?}");
    let told = events::stream_of(&shop.app.db, &checkout.name).await.unwrap();
    assert_eq!(told.len(), 1, "CheckoutFailed is published once");
}

#[tokio::test]
async fn an_order_is_what_its_events_say() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 2).await;
    let checkout = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap().into_inner();
    assert_placed(&shop, &checkout).await;
    let id = OrderId::parse(&checkout.order).unwrap();
    let folded = published::load(&shop.app.db, &id).await.unwrap();
    assert_eq!(orders::get(&shop.app.db, &id).await.unwrap(), folded);
    assert_eq!(folded.placed.number, 1001);
    events::verify_chain(&shop.app.db, &checkout.order).await.unwrap();
}

#[tokio::test]
async fn a_step_without_an_answer_is_repeated() {
    let faults = [Fault::Lost(Code::Unavailable), Fault::Lost(Code::DeadlineExceeded), Fault::AnswerLost];
    let steps = ["quote", "reserve", "authorize", "commit"].into_iter();
    join_all(steps.flat_map(|step| faults.map(|fault| repeated(step, fault)))).await;
}

async fn repeated(step: &'static str, fault: Fault) {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 2).await;
    shop.peers.fail(step, [fault, fault]);
    let before = shop.peers.count(step);
    let checkout = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap().into_inner();
    assert_placed(&shop, &checkout).await;
    assert_eq!(shop.peers.count(step) - before, 3, "{step} {fault:?}");
}

#[tokio::test]
async fn a_refused_step_undoes_the_earlier_ones_however_often_the_undo_fails() {
    let refused = Fault::Lost(Code::FailedPrecondition);
    let steps = [("reserve", "INTERNAL"), ("authorize", "PAYMENT_FAILED"), ("commit", "OUT_OF_STOCK")];
    for (step, reason) in steps {
        let shop = Shop::open().await;
        let cart = shop.cart(ANN, 2).await;
        shop.peers.fail(step, [refused]);
        shop.peers.fail("void", [Fault::Lost(Code::Unavailable), Fault::AnswerLost]);
        shop.peers.fail("release", [Fault::Lost(Code::Internal), Fault::AnswerLost]);
        let answer = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await;
        let name = answer.unwrap_err().get_details_error_info().unwrap().metadata["checkout"].clone();
        let checkout = shop.settled(ANN, &name).await;
        assert_failed(&shop, &checkout, reason).await;
    }
}

/// The checkout that failed last, found by the events, since the cart forgets it.
async fn failed_of(shop: &Shop, cart: &pb::Cart) -> pb::Checkout {
    let log = events::read_after(&shop.app.db, 0, 100).await.unwrap();
    let name = log.last().unwrap().1.subject.clone();
    let checkout = shop.settled(ANN, &name).await;
    assert_eq!(checkout.cart, cart.name);
    checkout
}

#[tokio::test]
async fn refusals_name_what_is_wrong() {
    let shop = Shop::open().await;
    shop.peers.world().stock.insert(variant(1), 1);
    let cart = shop.cart(ANN, 2).await;
    let answer = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, vec![("STOCK".into(), variant(1))]));
    shop.peers.world().stock.insert(variant(1), 100);

    let cart = shop.get_cart(ANN, &cart.name).await;
    let declined = pb::StartCheckoutRequest { payment_token: "tok_decline".into(), ..buy(&cart) };
    let (code, violations) = refusal(shop.checkouts().start_checkout(by(ANN, declined)).await);
    assert_eq!((code, violations[0].0.as_str()), (Code::FailedPrecondition, "PAYMENT_DECLINED"));
    assert_failed(&shop, &failed_of(&shop, &cart).await, "PAYMENT_DECLINED").await;

    shop.peers.world().prices.insert(variant(1), 260);
    let cart = shop.get_cart(ANN, &cart.name).await;
    let answer = shop.checkouts().start_checkout(by(ANN, buy(&cart))).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, vec![("PRICE_CHANGED".into(), variant(1))]));
    let cart = shop.get_cart(ANN, &cart.name).await;
    assert_eq!(cart.subtotal.as_ref().unwrap().units, 5, "the cart shows the new price");
    assert_eq!(cart.subtotal.as_ref().unwrap().nanos, 200_000_000);
    shop.checkouts().start_checkout(by(ANN, buy(&cart))).await.unwrap();
}

#[tokio::test]
async fn an_unknown_payment_is_asked_for_until_it_is_settled() {
    for (answer, placed) in [(PaymentState::Authorised, true), (PaymentState::Failed, false)] {
        let shop = Shop::open().await;
        shop.peers.world().syncs.extend([PaymentState::Unknown, answer]);
        let cart = shop.cart(ANN, 2).await;
        let request = pb::StartCheckoutRequest { payment_token: "tok_unknown".into(), ..buy(&cart) };
        let name = shop.start_in_background(ANN, request).await;
        let checkout = shop.settled(ANN, &name).await;
        match placed {
            true => assert_placed(&shop, &checkout).await,
            false => assert_failed(&shop, &checkout, "PAYMENT_DECLINED").await,
        }
        assert_eq!((shop.peers.count("authorize"), shop.peers.count("sync")), (1, 2));
    }
}

#[tokio::test]
async fn one_key_or_one_cart_makes_one_checkout() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 2).await;
    let request = buy(&cart);
    let second = pb::StartCheckoutRequest { request_id: fresh_id(), ..request.clone() };
    let (mut a, mut b, mut c) = (shop.checkouts(), shop.checkouts(), shop.checkouts());
    let (a, b, c) = tokio::join!(
        a.start_checkout(by(ANN, request.clone())),
        b.start_checkout(by(ANN, request.clone())),
        c.start_checkout(by(ANN, second)),
    );
    let a = a.unwrap().into_inner();
    assert_eq!(a.name, b.unwrap().into_inner().name);
    // Another key joins the running checkout, unless that ended already.
    match c {
        Ok(c) => assert_eq!(a.name, c.into_inner().name),
        Err(status) => assert_eq!(status.code(), Code::FailedPrecondition),
    }
    assert_placed(&shop, &a).await;
    assert_eq!(shop.peers.world().payments.len(), 1);

    let again = shop.checkouts().start_checkout(by(ANN, request.clone())).await.unwrap().into_inner();
    assert_eq!(again, a, "long after, the key still finds its checkout");
    let other = pb::StartCheckoutRequest { payment_token: "tok_other".into(), ..request };
    assert_eq!(refusal(shop.checkouts().start_checkout(by(ANN, other)).await).0, Code::InvalidArgument);
}

#[tokio::test]
async fn twenty_buyers_of_ten_units_make_ten_orders_without_gaps() {
    let shop = Shop::open().await;
    shop.peers.world().stock.insert(variant(1), 10);
    let mut buyers = tokio::task::JoinSet::new();
    for number in 0..20 {
        let buyer = format!("users/usr_{number:026}");
        let (mut client, cart) = (shop.checkouts(), shop.cart(&buyer, 1).await);
        buyers.spawn(async move { client.start_checkout(by(&buyer, buy(&cart))).await });
    }
    let answers = buyers.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(shop.available(), 0);
    let request = pb::ListOrdersRequest::default();
    let orders = shop.orders().list_orders(by(STAFF, request)).await.unwrap().into_inner().orders;
    let numbers: Vec<u32> = orders.iter().map(|order| order.number.parse().unwrap()).collect();
    assert_eq!(numbers, (1001..=1010).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn bad_requests_start_nothing() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 2).await;
    let abroad = Some(pb::ShippingAddress { region_code: "FR".into(), ..address() });
    let to = |recipient: &str| Some(pb::ShippingAddress { recipient: recipient.into(), ..address() });
    let nowhere = Some(pb::ShippingAddress { region_code: "ZZ".into(), ..address() });
    let euros = cart
        .subtotal
        .clone()
        .map(|total| shopmesh_proto::google::r#type::Money { currency_code: "EUR".into(), ..total });
    for bad in [
        pb::StartCheckoutRequest { payment_token: "4242 4242 4242 4242".into(), ..buy(&cart) },
        pb::StartCheckoutRequest { shipping_address: abroad, ..buy(&cart) },
        pb::StartCheckoutRequest { shipping_address: nowhere, ..buy(&cart) },
        pb::StartCheckoutRequest { shipping_address: to("Ada\nBcc: x"), ..buy(&cart) },
        pb::StartCheckoutRequest { shipping_address: to(" \u{200B}"), ..buy(&cart) },
        pb::StartCheckoutRequest { shipping_address: None, ..buy(&cart) },
        pb::StartCheckoutRequest { expected_total: euros, ..buy(&cart) },
        pb::StartCheckoutRequest { request_id: "again".into(), ..buy(&cart) },
    ] {
        assert_eq!(refusal(shop.checkouts().start_checkout(by(ANN, bad)).await).0, Code::InvalidArgument);
    }
    assert_eq!(shop.get_cart(ANN, &cart.name).await, cart);

    let empty = pb::CreateCartRequest { request_id: fresh_id(), ..Default::default() };
    let empty = shop.carts().create_cart(by(ANN, empty)).await.unwrap().into_inner();
    let answer = shop.checkouts().start_checkout(by(ANN, buy(&empty))).await;
    assert_eq!(refusal(answer), (Code::FailedPrecondition, vec![("STATE".into(), empty.name)]));
}

#[tokio::test]
async fn watching_ends_with_the_outcome() {
    let shop = Shop::open().await;
    shop.peers.world().syncs.extend([PaymentState::Unknown, PaymentState::Authorised]);
    let cart = shop.cart(ANN, 2).await;
    let request = pb::StartCheckoutRequest { payment_token: "tok_unknown".into(), ..buy(&cart) };
    let name = shop.start_in_background(ANN, request).await;
    let watch = || pb::WatchCheckoutRequest { name: name.clone() };
    assert_eq!(refusal(shop.checkouts().watch_checkout(by(BOB, watch())).await).0, Code::PermissionDenied);
    let mut stream = shop.checkouts().watch_checkout(by(ANN, watch())).await.unwrap().into_inner();
    let mut states = Vec::new();
    while let Some(checkout) = stream.message().await.unwrap() {
        states.push(checkout.state());
    }
    assert_eq!(states.last(), Some(&pb::CheckoutState::Placed));
    assert!(states.contains(&pb::CheckoutState::OutcomeUnknown), "{states:?}");
}
