//! Requests and replies.

use shopmesh_kit::{error::Result, etag, events, money::Currency};
use shopmesh_proto::{events::v1::Envelope, orders::v1 as pb};

use crate::domain::{
    cart::{Cart, CartState, Wanted},
    checkout::{Checkout, CheckoutState, Failure},
    line::{Line, LineProblem},
    order::{FulfillmentState, Order, OrderState, PaymentState, RefundState, Shipment},
};

/// A cart as callers see it.
pub fn cart(cart: &Cart) -> Result<pb::Cart> {
    let lines = cart.lines.iter().map(|line| {
        Ok(pb::CartLine {
            variant: line.variant.clone(),
            product: line.product.clone(),
            seller: line.seller.clone(),
            sku: line.sku.clone(),
            title: line.title.clone(),
            quantity: line.quantity,
            unit_price: Some(line.unit_price(cart.currency).to_proto()),
            total: Some(line.total(cart.currency)?.to_proto()),
            problem: pb::CartLineProblem::Unspecified.into(),
        })
    });
    let state = match cart.state {
        CartState::Active => pb::CartState::Active,
        CartState::CheckingOut => pb::CartState::CheckingOut,
        CartState::Converted => pb::CartState::Converted,
    };
    Ok(pb::Cart {
        name: cart.id.name(),
        owner: cart.owner.clone(),
        channel: cart.channel.clone(),
        state: state.into(),
        lines: lines.collect::<Result<_>>()?,
        subtotal: Some(cart.subtotal()?.to_proto()),
        etag: etag::of(cart.version),
        checkout: cart.checkout.as_ref().map(|id| id.name()).unwrap_or_default(),
        create_time: Some(cart.created.to_proto()),
        update_time: Some(cart.updated.to_proto()),
    })
}

/// What a line shows of the problem with it.
pub fn line_problem(problem: Option<LineProblem>) -> pb::CartLineProblem {
    match problem {
        None => pb::CartLineProblem::Unspecified,
        Some(LineProblem::NotSold) => pb::CartLineProblem::NotSold,
        Some(LineProblem::OutOfStock) => pb::CartLineProblem::OutOfStock,
        Some(LineProblem::PriceChanged) => pb::CartLineProblem::PriceChanged,
    }
}

/// Units to add.
pub fn wanted(lines: Vec<pb::LineItem>) -> Vec<Wanted> {
    lines.into_iter().map(|line| Wanted { variant: line.variant, quantity: line.quantity }).collect()
}

/// Quantities to set.
pub fn wanted_quantities(lines: Vec<pb::LineQuantity>) -> Vec<Wanted> {
    lines.into_iter().map(|line| Wanted { variant: line.variant, quantity: line.quantity }).collect()
}

/// A checkout as callers see it.
pub fn checkout(checkout: &Checkout) -> pb::Checkout {
    let state = match checkout.state {
        CheckoutState::Pending => pb::CheckoutState::Pending,
        CheckoutState::OutcomeUnknown => pb::CheckoutState::OutcomeUnknown,
        CheckoutState::Compensating => pb::CheckoutState::Compensating,
        CheckoutState::Placed => pb::CheckoutState::Placed,
        CheckoutState::Failed => pb::CheckoutState::Failed,
    };
    pb::Checkout {
        name: checkout.id.name(),
        cart: checkout.cart.name(),
        owner: checkout.owner.clone(),
        state: state.into(),
        order: checkout.order.as_ref().map(|id| id.name()).unwrap_or_default(),
        total: checkout.total.map(|total| total.to_proto()),
        failure: checkout.failure.as_ref().map(failure),
        create_time: Some(checkout.created.to_proto()),
        update_time: Some(checkout.updated.to_proto()),
    }
}

fn failure(failure: &Failure) -> pb::CheckoutFailure {
    pb::CheckoutFailure {
        reason: failure.reason.as_str().to_owned(),
        message: failure.message.clone(),
        variants: failure.variants.clone(),
    }
}

/// An order as callers see it, without its address.
pub fn order(order: &Order) -> Result<pb::Order> {
    let placed = &order.placed;
    let state = match order.state {
        OrderState::Placed => pb::OrderState::Placed,
        OrderState::Closed => pb::OrderState::Closed,
        OrderState::Cancelled => pb::OrderState::Cancelled,
    };
    let payment_state = match order.payment_state {
        PaymentState::Authorized => pb::PaymentState::Authorised,
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
