//! Order events as they are stored and published. A changed message must still read every older payload.

use prost::Name;
use prost_types::Any;
use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::Money,
};
use shopmesh_proto::{events::v1::Envelope, orders::v1 as pb};

use super::rpc;
use crate::{
    domain::{
        checkout::FailureReason,
        line::Line,
        order::{Order, OrderEvent, Placed, Refund, Shipment},
    },
    ids::{CheckoutId, OrderId, ShipmentId},
};

/// An event of `order`, which it has been applied to.
pub fn published(order: &Order, event: OrderEvent) -> Result<Any> {
    let (name, number, owner) = (order.name(), order.placed.number.to_string(), order.placed.owner.clone());
    let data = match event {
        OrderEvent::Placed(placed) => Any::from_msg(&pb::OrderPlaced {
            order: name,
            number,
            owner,
            channel: placed.channel,
            lines: rpc::lines(&placed.lines, placed.currency)?,
            total: Some(order.total()?.to_proto()),
            checkout: placed.checkout.name(),
            payment: placed.payment,
            sealed_shipping_address: placed.sealed_address.into(),
        }),
        OrderEvent::Shipped(shipment) => {
            let shipment = Some(rpc::shipment(&shipment));
            Any::from_msg(&pb::OrderShipped { order: name, number, owner, shipment })
        }
        OrderEvent::Delivered => Any::from_msg(&pb::OrderDelivered { order: name, number, owner }),
        OrderEvent::Cancelled(reason) => {
            Any::from_msg(&pb::OrderCancelled { order: name, number, owner, reason })
        }
        OrderEvent::Refunded(Refund { name: refund, amount }) => {
            let amount = Some(amount.to_proto());
            Any::from_msg(&pb::OrderRefunded { order: name, number, owner, refund, amount })
        }
    };
    data.map_err(Error::internal)
}

/// A checkout of `owner` ended without an order.
pub fn checkout_failed(checkout: &CheckoutId, owner: &str, reason: FailureReason) -> pb::CheckoutFailed {
    let reason = reason.as_str().to_owned();
    pb::CheckoutFailed { checkout: checkout.name(), owner: owner.to_owned(), reason }
}

/// A stored event of an order, and when it happened.
pub fn order_event(envelope: &Envelope) -> Result<(OrderEvent, Timestamp)> {
    let data = envelope.data.as_ref().ok_or_else(|| unreadable(envelope, "it has no data"))?;
    let time = envelope.time.as_ref().ok_or_else(|| unreadable(envelope, "it has no time"))?;
    let event = if is::<pb::OrderPlaced>(data) {
        OrderEvent::Placed(placed(read(data)?)?)
    } else if is::<pb::OrderShipped>(data) {
        let shipped: pb::OrderShipped = read(data)?;
        OrderEvent::Shipped(shipment(shipped.shipment.unwrap_or_default())?)
    } else if is::<pb::OrderDelivered>(data) {
        OrderEvent::Delivered
    } else if is::<pb::OrderCancelled>(data) {
        OrderEvent::Cancelled(read::<pb::OrderCancelled>(data)?.reason)
    } else if is::<pb::OrderRefunded>(data) {
        let refunded: pb::OrderRefunded = read(data)?;
        let amount = Money::from_proto("amount", &refunded.amount.unwrap_or_default())?;
        OrderEvent::Refunded(Refund { name: refunded.refund, amount })
    } else {
        return Err(unreadable(envelope, "no order event has its type"));
    };
    Ok((event, Timestamp::from_proto("time", time)?))
}

fn placed(event: pb::OrderPlaced) -> Result<Placed> {
    let currency = Money::from_proto("total", &event.total.unwrap_or_default())?.currency;
    let line = |line: pb::OrderLine| {
        Ok(Line {
            unit_minor: Money::from_proto("unit_price", &line.unit_price.unwrap_or_default())?.minor,
            variant: line.variant,
            product: line.product,
            seller: line.seller,
            sku: line.sku,
            title: line.title,
            quantity: line.quantity,
        })
    };
    Ok(Placed {
        order: OrderId::parse(&event.order)?,
        number: event.number.parse().map_err(Error::internal)?,
        owner: event.owner,
        channel: event.channel,
        currency,
        lines: event.lines.into_iter().map(line).collect::<Result<_>>()?,
        checkout: CheckoutId::parse(&event.checkout)?,
        payment: event.payment,
        sealed_address: event.sealed_shipping_address.to_vec(),
    })
}

fn shipment(shipment: pb::Shipment) -> Result<Shipment> {
    let time = |field: &str, time: &prost_types::Timestamp| Timestamp::from_proto(field, time);
    Ok(Shipment {
        id: ShipmentId::parse(&shipment.name)?,
        tracking: shipment.tracking,
        shipped: time("ship_time", &shipment.ship_time.unwrap_or_default())?,
        delivered: shipment.delivery_time.as_ref().map(|at| time("delivery_time", at)).transpose()?,
    })
}

fn is<M: Name>(data: &Any) -> bool {
    data.type_url == M::type_url()
}

fn read<M: prost::Message + Default>(data: &Any) -> Result<M> {
    M::decode(data.value.as_ref()).map_err(Error::internal)
}

fn unreadable(envelope: &Envelope, why: &'static str) -> Error {
    Error::internal(Unreadable { id: envelope.id.clone(), why })
}

#[derive(Debug, thiserror::Error)]
#[error("event {id} cannot be read: {why}")]
struct Unreadable {
    id: String,
    why: &'static str,
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::money::Currency;

    use super::*;
    use crate::domain::order::OrderEvent;

    fn placed() -> Placed {
        let line = |number: i64| Line {
            variant: format!("variants/v{number}"),
            product: "products/p".into(),
            seller: "sellers/house".into(),
            sku: "sku".into(),
            title: "Thing".into(),
            quantity: number,
            unit_minor: 199,
        };
        Placed {
            order: OrderId::generate(),
            number: 1001,
            owner: "users/a".into(),
            channel: "channels/default".into(),
            currency: Currency::parse("JPY").unwrap(),
            lines: vec![line(1), line(3)],
            checkout: CheckoutId::generate(),
            payment: "payments/p".into(),
            sealed_address: vec![0, 255, 3],
        }
    }

    #[test]
    fn every_event_is_read_as_it_was_published() {
        let order = Order::apply(None, OrderEvent::Placed(placed()), Timestamp(7)).unwrap();
        let shipment = Shipment {
            id: ShipmentId::generate(),
            tracking: "T".into(),
            shipped: Timestamp(5),
            delivered: None,
        };
        for event in [
            OrderEvent::Placed(order.placed.clone()),
            OrderEvent::Shipped(shipment),
            OrderEvent::Delivered,
            OrderEvent::Cancelled("changed my mind".into()),
            OrderEvent::Refunded(Refund {
                name: "payments/p/refunds/r".into(),
                amount: Money::new(199, order.placed.currency),
            }),
        ] {
            let data = Some(published(&order, event.clone()).unwrap());
            let envelope = Envelope { data, time: Some(Timestamp(7).to_proto()), ..Envelope::default() };
            assert_eq!(order_event(&envelope).unwrap(), (event, Timestamp(7)));
        }
    }

    #[test]
    fn an_event_that_is_none_of_ours_is_an_error() {
        let data =
            Any { type_url: "type.googleapis.com/shopmesh.orders.v1.OrderEaten".into(), value: Vec::new() };
        let time = Some(Timestamp(7).to_proto());
        assert!(order_event(&Envelope { data: Some(data), time, ..Envelope::default() }).is_err());
        assert!(order_event(&Envelope::default()).is_err());
    }
}
