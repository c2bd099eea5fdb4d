//! Orders.

use shopmesh_kit::{error::Result, etag, events, money::Currency};
use shopmesh_proto::{events::v1::Envelope, orders::v1 as pb};

use crate::domain::{
    line::Line,
    order::{FulfillmentState, Order, OrderState, PaymentState, RefundState, Shipment},
};

/// An order as callers see it, without its address.
pub fn order(order: &Order) -> Result<pb::Order> {
    let placed = &order.placed;
    let state = match order.state {
        OrderState::Placed => pb::OrderState::Placed,
        OrderState::Closed => pb::OrderState::Closed,
        OrderState::Cancelled => pb::OrderState::Cancelled,
    };
    let payment_state = match order.payment_state {
        PaymentState::Authorised => pb::PaymentState::Authorised,
        PaymentState::Paid => pb::PaymentState::Paid,
        PaymentState::Voided => pb::PaymentState::Voided,
    };
    let fulfillment_state = match order.fulfillment_state {
        FulfillmentState::Unfulfilled => pb::FulfillmentState::Unfulfilled,
        FulfillmentState::Shipped => pb::FulfillmentState::Shipped,
        FulfillmentState::Delivered => pb::FulfillmentState::Delivered,
    };
    let refund_state = match order.refund_state()? {
        RefundState::None => pb::RefundState::None,
        RefundState::Partial => pb::RefundState::Partial,
        RefundState::Full => pb::RefundState::Full,
    };
    Ok(pb::Order {
        name: order.name(),
        number: placed.number.to_string(),
        owner: placed.owner.clone(),
        channel: placed.channel.clone(),
        state: state.into(),
        payment_state: payment_state.into(),
        fulfillment_state: fulfillment_state.into(),
        lines: lines(&placed.lines, placed.currency)?,
        total: Some(order.total()?.to_proto()),
        checkout: placed.checkout.name(),
        payment: placed.payment.clone(),
        shipping_address: None,
        shipments: order.shipments.iter().map(shipment).collect(),
        etag: etag::of(order.version),
        create_time: Some(order.created.to_proto()),
        update_time: Some(order.updated.to_proto()),
        refunded: Some(order.refunded.to_proto()),
        refund_state: refund_state.into(),
    })
}

/// One entry of an order's history, with its link of the hash chain.
pub fn event_entry(envelope: &Envelope, hash: &[u8]) -> pb::OrderEvent {
    pb::OrderEvent {
        version: envelope.sequence,
        r#type: events::type_name(envelope).to_owned(),
        time: envelope.time,
        hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

pub(super) fn lines(lines: &[Line], currency: Currency) -> Result<Vec<pb::OrderLine>> {
    lines
        .iter()
        .map(|line| {
            Ok(pb::OrderLine {
                variant: line.variant.clone(),
                product: line.product.clone(),
                seller: line.seller.clone(),
                sku: line.sku.clone(),
                title: line.title.clone(),
                quantity: line.quantity,
                unit_price: Some(line.unit_price(currency).to_proto()),
                total: Some(line.total(currency)?.to_proto()),
            })
        })
        .collect()
}

pub(super) fn shipment(shipment: &Shipment) -> pb::Shipment {
    pb::Shipment {
        name: shipment.id.name(),
        tracking: shipment.tracking.clone(),
        ship_time: Some(shipment.shipped.to_proto()),
        delivery_time: shipment.delivered.map(|at| at.to_proto()),
    }
}
