//! Orders move only along drawn arrows, and are what their events add up to.

use proptest::prelude::*;
use shopmesh_kit::error::ErrorKind;

use super::*;

fn placed() -> OrderEvent {
    OrderEvent::Placed(Placed {
        order: OrderId::generate(),
        number: 1001,
        owner: "users/a".into(),
        channel: "channels/default".into(),
        currency: Currency::parse("USD").unwrap(),
        lines: vec![Line {
            variant: "variants/v1".into(),
            product: "products/p1".into(),
            seller: "sellers/house".into(),
            sku: "sku-1".into(),
            title: "Thing".into(),
            quantity: 3,
            unit_minor: 250,
        }],
        checkout: CheckoutId::generate(),
        payment: "payments/p".into(),
        sealed_address: vec![1, 2, 3],
    })
}

fn shipped() -> OrderEvent {
    let id = ShipmentId::generate();
    OrderEvent::Shipped(Shipment { id, tracking: "T1".into(), shipped: Timestamp(2), delivered: None })
}

fn after(events: Vec<OrderEvent>) -> Result<Order> {
    let history = events.into_iter().zip(1..).map(|(event, at)| (event, Timestamp(at)));
    Order::fold(history).map(|order| order.expect("a history that is not empty makes an order"))
}

#[test]
fn states_are_derived_from_events() {
    let order = after(vec![placed()]).unwrap();
    assert_eq!(
        (order.state, order.payment_state, order.fulfillment_state),
        (OrderState::Placed, PaymentState::Authorized, FulfillmentState::Unfulfilled)
    );
    assert_eq!(order.total().unwrap().minor, 750);

    let order = after(vec![placed(), shipped()]).unwrap();
    assert_eq!(
        (order.payment_state, order.fulfillment_state),
        (PaymentState::Paid, FulfillmentState::Shipped)
    );

    let order = after(vec![placed(), shipped(), OrderEvent::Delivered]).unwrap();
    assert_eq!((order.state, order.fulfillment_state), (OrderState::Closed, FulfillmentState::Delivered));
    assert_eq!(
        (order.shipments[0].delivered, order.version, order.updated),
        (Some(Timestamp(3)), 3, Timestamp(3))
    );

    let order = after(vec![placed(), OrderEvent::Cancelled("changed my mind".into())]).unwrap();
    assert_eq!((order.state, order.payment_state), (OrderState::Cancelled, PaymentState::Voided));
}

#[test]
fn no_history_is_no_order_and_a_broken_one_is_an_error() {
    assert!(Order::fold([]).unwrap().is_none());
    for broken in [vec![OrderEvent::Delivered], vec![placed(), placed()]] {
        assert_eq!(after(broken).unwrap_err().kind(), ErrorKind::Internal);
    }
}

#[test]
fn a_shipped_order_cannot_be_cancelled_nor_a_cancelled_one_shipped() {
    let cancelled = || OrderEvent::Cancelled(String::new());
    for events in [
        vec![placed(), shipped(), cancelled()],
        vec![placed(), cancelled(), shipped()],
        vec![placed(), cancelled(), cancelled()],
        vec![placed(), shipped(), shipped()],
        vec![placed(), OrderEvent::Delivered],
    ] {
        assert_eq!(after(events).unwrap_err().kind(), ErrorKind::FailedPrecondition);
    }
}

proptest! {
    #[test]
    fn any_accepted_history_keeps_the_invariants(steps in prop::collection::vec(0_u8..3, 0..8)) {
        let mut order = Order::apply(None, placed(), Timestamp(0)).unwrap();
        let mut accepted = 1;
        for (step, at) in steps.into_iter().zip(1..) {
            let event = match step {
                0 => shipped(),
                1 => OrderEvent::Delivered,
                _ => OrderEvent::Cancelled(String::new()),
            };
            if let Ok(next) = Order::apply(Some(order.clone()), event, Timestamp(at)) {
                order = next;
                accepted += 1;
            }
            prop_assert_eq!(order.version, accepted);
            // Money is taken exactly when goods have left, and let go exactly when the order was called off.
            let left = order.fulfillment_state != FulfillmentState::Unfulfilled;
            prop_assert_eq!(order.payment_state == PaymentState::Paid, left);
            prop_assert_eq!(order.payment_state == PaymentState::Voided, order.state == OrderState::Cancelled);
            prop_assert_eq!(order.state == OrderState::Closed, order.fulfillment_state == FulfillmentState::Delivered);
            prop_assert_eq!(order.shipments.len(), usize::from(left));
        }
    }
}
