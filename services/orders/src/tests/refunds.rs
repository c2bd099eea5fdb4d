//! What payments tells of money that was given back shows on the order, in its history and in its row.

use shopmesh_kit::{
    clock::{Clock, SystemClock},
    events::{self, Cause, EventHandler},
    money::{Currency, Money},
};
use shopmesh_proto::{orders::v1 as pb, payments::v1::PaymentRefunded};

use super::{ANN, STAFF, Shop, by, fresh_id};
use crate::{
    events::on_payment_refunded::OnPaymentRefunded, ids::OrderId, store::orders, usecases::published,
};

/// Payments tells that it gave money back.
async fn refunded(shop: &Shop, payment: &str, cents: i64) {
    let fact = PaymentRefunded {
        payment: payment.to_owned(),
        refund: format!("{payment}/refunds/r{cents}"),
        owner: ANN.to_owned(),
        amount: Some(Money::new(cents, Currency::parse("USD").unwrap()).to_proto()),
    };
    let heard = shop.app.db.write(fact, |tx, fact| {
        Box::pin(async move {
            let cause = Cause::background("test", SystemClock.now());
            let event = events::append(tx, &cause, &fact.payment, fact).await?;
            OnPaymentRefunded.handle(tx, &event).await
        })
    });
    heard.await.unwrap();
}

#[tokio::test]
async fn an_order_shows_what_was_given_back() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    let shown = |order: &pb::Order| (order.refund_state(), order.refunded.clone().unwrap());
    assert_eq!(shown(&order).0, pb::RefundState::None);
    let request =
        pb::CreateShipmentRequest { order: order.name.clone(), request_id: fresh_id(), ..Default::default() };
    shop.fulfillment().create_shipment(by(STAFF, request)).await.unwrap();
    refunded(&shop, &order.payment, 120).await;
    let (state, amount) = shown(&shop.get_order(ANN, &order.name).await);
    assert_eq!((state, amount.units, amount.nanos), (pb::RefundState::Partial, 1, 200_000_000));
    refunded(&shop, &order.payment, 380).await;
    let after = shop.get_order(ANN, &order.name).await;
    assert_eq!(shown(&after), (pb::RefundState::Full, order.total.clone().unwrap()));
    assert_eq!(after.payment_state(), pb::PaymentState::Paid, "that it was paid stays true");

    let id = OrderId::parse(&order.name).unwrap();
    assert_eq!(
        orders::get(&shop.app.db, &id).await.unwrap(),
        published::load(&shop.app.db, &id).await.unwrap()
    );
    let request = pb::ListOrderEventsRequest { order: order.name.clone() };
    let history = shop.orders().list_order_events(by(ANN, request)).await.unwrap().into_inner().events;
    let types: Vec<&str> = history.iter().map(|event| event.r#type.rsplit('.').next().unwrap()).collect();
    assert_eq!(types, ["OrderPlaced", "OrderShipped", "OrderRefunded", "OrderRefunded"]);
}

#[tokio::test]
async fn a_refund_of_nothing_here_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    refunded(&shop, "payments/pay_01J00000000000000000000000", 120).await;
    assert_eq!(shop.get_order(ANN, &order.name).await, order);
}
