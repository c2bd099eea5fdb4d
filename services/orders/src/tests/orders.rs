//! What can become of a placed order.

use shopmesh_kit::events;
use shopmesh_proto::{inventory::v1::ReservationState, orders::v1 as pb, payments::v1::PaymentState};
use tonic::{Code, Response, Status};

use super::{ANN, BOB, STAFF, Shop, by, fresh_id, peers::Fault, refusal};
use crate::{ids::OrderId, store::orders, usecases::published};

async fn cancel(shop: &Shop, user: &str, order: &pb::Order) -> Result<Response<pb::Order>, Status> {
    let (name, reason) = (order.name.clone(), "changed my mind".to_owned());
    shop.orders()
        .cancel_order(by(user, pb::CancelOrderRequest { name, reason, request_id: fresh_id() }))
        .await
}

async fn ship(shop: &Shop, user: &str, order: &pb::Order) -> Result<Response<pb::Order>, Status> {
    let (order, tracking) = (order.name.clone(), "PARCEL 1".to_owned());
    let request = pb::CreateShipmentRequest { order, tracking, request_id: fresh_id() };
    shop.fulfillment().create_shipment(by(user, request)).await
}

async fn deliver(shop: &Shop, order: &pb::Order) -> Result<Response<pb::Order>, Status> {
    let request = pb::MarkDeliveredRequest { order: order.name.clone() };
    shop.fulfillment().mark_delivered(by(STAFF, request)).await
}

async fn assert_projection_is_the_fold(shop: &Shop, order: &pb::Order) {
    let id = OrderId::parse(&order.name).unwrap();
    let folded = published::load(&shop.app.db, &id).await.unwrap();
    assert_eq!(orders::get(&shop.app.db, &id).await.unwrap(), folded);
    events::verify_chain(&shop.app.db, &order.name).await.unwrap();
}

#[tokio::test]
async fn shipped_and_delivered() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    assert_eq!(refusal(deliver(&shop, &order).await).0, Code::FailedPrecondition);
    assert_eq!(refusal(ship(&shop, ANN, &order).await).0, Code::PermissionDenied);

    let shipped = ship(&shop, STAFF, &order).await.unwrap().into_inner();
    assert_eq!(
        (shipped.state(), shipped.payment_state(), shipped.fulfillment_state()),
        (pb::OrderState::Placed, pb::PaymentState::Paid, pb::FulfillmentState::Shipped)
    );
    assert_eq!(shipped.shipments[0].tracking, "PARCEL 1");
    assert_eq!(shop.peers.world().payments[&order.checkout].0, PaymentState::Captured);
    assert_eq!(shop.peers.world().holds[&order.checkout].0, ReservationState::Fulfilled);
    assert_eq!(refusal(cancel(&shop, ANN, &order).await).0, Code::FailedPrecondition);
    assert_eq!(refusal(ship(&shop, STAFF, &order).await).0, Code::FailedPrecondition);

    let closed = deliver(&shop, &order).await.unwrap().into_inner();
    assert_eq!((closed.state(), closed.shipments[0].delivery_time.is_some()), (pb::OrderState::Closed, true));
    assert_eq!(deliver(&shop, &order).await.unwrap().into_inner(), closed, "a repeat changes nothing");
    assert_projection_is_the_fold(&shop, &order).await;

    let request = pb::ListOrderEventsRequest { order: order.name.clone() };
    let history = shop.orders().list_order_events(by(ANN, request)).await.unwrap().into_inner().events;
    let types: Vec<&str> = history.iter().map(|event| event.r#type.rsplit('.').next().unwrap()).collect();
    assert_eq!(types, ["OrderPlaced", "OrderShipped", "OrderDelivered"]);
    assert_eq!(history.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(history.iter().all(|event| event.hash.len() == 64));
}

#[tokio::test]
async fn cancelled() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    assert_eq!(refusal(cancel(&shop, BOB, &order).await).0, Code::PermissionDenied);
    shop.peers.fail("release", [Fault::Lost(Code::Unavailable)]);
    shop.peers.fail("void", [Fault::AnswerLost]);
    let cancelled = cancel(&shop, ANN, &order).await.unwrap().into_inner();
    assert_eq!(
        (cancelled.state(), cancelled.payment_state()),
        (pb::OrderState::Cancelled, pb::PaymentState::Voided)
    );
    assert_eq!(shop.available(), 100);
    assert_eq!(shop.peers.world().payments[&order.checkout].0, PaymentState::Voided);
    assert_eq!(refusal(ship(&shop, STAFF, &order).await).0, Code::FailedPrecondition);
    assert_projection_is_the_fold(&shop, &order).await;
}

#[tokio::test]
async fn a_refused_capture_leaves_the_order_as_it_was() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    shop.peers.fail("capture", [Fault::Lost(Code::FailedPrecondition)]);
    let (code, violations) = refusal(ship(&shop, STAFF, &order).await);
    assert_eq!((code, violations[0].0.as_str()), (Code::FailedPrecondition, "PAYMENT_FAILED"));
    assert_eq!(shop.get_order(ANN, &order.name).await.etag, order.etag);
    cancel(&shop, STAFF, &order).await.unwrap();
    assert_projection_is_the_fold(&shop, &order).await;
}

#[tokio::test]
async fn of_canceling_and_shipping_at_once_one_wins() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    let (cancelled, shipped) = tokio::join!(cancel(&shop, ANN, &order), ship(&shop, STAFF, &order));
    assert_ne!(cancelled.is_ok(), shipped.is_ok());
    let payment = shop.peers.world().payments[&order.checkout].0;
    assert_eq!(payment == PaymentState::Voided, cancelled.is_ok());
    assert_eq!(shop.available(), if cancelled.is_ok() { 100 } else { 98 });
    assert_projection_is_the_fold(&shop, &order).await;
}

#[tokio::test]
async fn a_repeated_shipment_ships_once() {
    let shop = Shop::open().await;
    let order = shop.order(ANN).await;
    let request = pb::CreateShipmentRequest {
        order: order.name.clone(),
        tracking: String::new(),
        request_id: fresh_id(),
    };
    let first = shop.fulfillment().create_shipment(by(STAFF, request.clone())).await.unwrap().into_inner();
    let second = shop.fulfillment().create_shipment(by(STAFF, request)).await.unwrap().into_inner();
    assert_eq!(first, second);
    assert_eq!(shop.peers.count("capture"), 1);
}

#[tokio::test]
async fn lists_show_a_shopper_their_own_and_an_operator_all() {
    let shop = Shop::open().await;
    let (first, second, third) = (shop.order(ANN).await, shop.order(BOB).await, shop.order(ANN).await);
    let list = async |user: &str, page_token: String| {
        let request = pb::ListOrdersRequest { page_size: 2, page_token };
        let page = shop.orders().list_orders(by(user, request)).await.unwrap().into_inner();
        (page.orders.into_iter().map(|order| order.name).collect::<Vec<_>>(), page.next_page_token)
    };
    assert_eq!(list(ANN, String::new()).await, (vec![third.name.clone(), first.name.clone()], String::new()));
    let (page, token) = list(STAFF, String::new()).await;
    assert_eq!(page, [third.name, second.name.clone()]);
    assert_eq!(list(STAFF, token).await, (vec![first.name.clone()], String::new()));

    let request = pb::GetOrderRequest { name: first.name.clone() };
    assert_eq!(refusal(shop.orders().get_order(by(BOB, request)).await).0, Code::PermissionDenied);
    assert_eq!(shop.get_order(STAFF, &first.name).await.shipping_address, first.shipping_address);
}
