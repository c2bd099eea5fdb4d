//! Order events as they are stored and published. A changed message must still read every older payload.

use prost::Name;
use prost_types::Any;
use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::Money,
};
use shopmesh_proto::{events::v1::Envelope, orders::v1 as pb};

use super::orders;
use crate::{
    domain::{
        line::Line,
        order::{Order, OrderEvent, Placed, Shipment},
    },
    ids::{CheckoutId, OrderId, ShipmentId},
};

/// An order event in the words of the contract.
pub enum PublishedEvent {
    /// It was placed.
    Placed(pb::OrderPlaced),
    /// A parcel left.
    Shipped(pb::OrderShipped),
    /// The parcel arrived.
    Delivered(pb::OrderDelivered),
    /// It was called off.
    Cancelled(pb::OrderCancelled),
}

/// An event of `order`, which it has been applied to.
pub fn published(order: &Order, event: OrderEvent) -> Result<PublishedEvent> {
    let (name, number, owner) = (order.name(), order.placed.number.to_string(), order.placed.owner.clone());
    Ok(match event {
        OrderEvent::Placed(placed) => PublishedEvent::Placed(pb::OrderPlaced {
            order: name,
            number,
            owner,
            channel: placed.channel,
            lines: orders::lines(&placed.lines, placed.currency)?,
            total: Some(order.total()?.to_proto()),
            checkout: placed.checkout.name(),
            payment: placed.payment,
            sealed_shipping_address: placed.sealed_address.into(),
        }),
        OrderEvent::Shipped(shipment) => PublishedEvent::Shipped(pb::OrderShipped {
            order: name,
            number,
            owner,
            shipment: Some(orders::shipment(&shipment)),
        }),
        OrderEvent::Delivered => PublishedEvent::Delivered(pb::OrderDelivered { order: name, number, owner }),
        OrderEvent::Cancelled(reason) => {
            PublishedEvent::Cancelled(pb::OrderCancelled { order: name, number, owner, reason })
        }
    })
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
