//! What a request names, if its caller may have it. What does not exist looks to a stranger like what is not theirs
//! (AIP-211).

use shopmesh_kit::error::{ErrorKind, Result};
use shopmesh_mesh::server::{Call, Resource};

use crate::{
    app::App,
    domain::{cart::Cart, checkout::Checkout, order::Order},
    ids::{CartId, CheckoutId, OrderId},
    store::{carts, checkouts, orders},
};

/// The cart named in `field`.
pub async fn cart(app: &App, call: &Call, field: &str, name: &str) -> Result<Cart> {
    let cart = found(call, carts::get(&app.db, &CartId::parse_field(field, name)?).await)?;
    call.authorize(&Resource { owner: Some(&cart.owner), channel: Some(&cart.channel), seller: None })?;
    Ok(cart)
}

/// The checkout of that name.
pub async fn checkout(app: &App, call: &Call, name: &str) -> Result<Checkout> {
    let checkout = found(call, checkouts::get(&app.db, &CheckoutId::parse(name)?).await)?;
    call.authorize(&Resource { owner: Some(&checkout.owner), ..Resource::default() })?;
    Ok(checkout)
}

/// The order named in `field`.
pub async fn order(app: &App, call: &Call, field: &str, name: &str) -> Result<Order> {
    let order = found(call, orders::get(&app.db, &OrderId::parse_field(field, name)?).await)?;
    let placed = &order.placed;
    call.authorize(&Resource { owner: Some(&placed.owner), channel: Some(&placed.channel), seller: None })?;
    Ok(order)
}

/// The resource, or NOT_FOUND for callers who may see every one of its kind and PERMISSION_DENIED for others.
fn found<T>(call: &Call, looked_up: Result<T>) -> Result<T> {
    if let Err(error) = &looked_up
        && error.kind() == ErrorKind::NotFound
    {
        call.authorize(&Resource::default())?;
    }
    looked_up
}
