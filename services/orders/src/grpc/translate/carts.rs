//! Carts and checkouts.

use shopmesh_kit::{error::Result, etag};
use shopmesh_proto::orders::v1 as pb;

use crate::domain::{
    cart::{Cart, CartState, Wanted},
    checkout::{Checkout, CheckoutState, Failure},
    line::LineProblem,
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
