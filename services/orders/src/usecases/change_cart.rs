//! Changes the lines of a cart.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::Result,
    etag,
    idempotency::{self, Keep, Key},
};

use crate::{
    domain::{
        cart::{Cart, Change, Wanted},
        line::Quotes,
    },
    ids::CartId,
    store::carts,
};

/// What is to be changed.
pub struct CartChange {
    /// Of the request; an empty one for a change that may be repeated.
    pub key: Key,
    /// The cart.
    pub cart: CartId,
    /// Version the shopper saw; empty is not checked.
    pub etag: String,
    /// What the quantities mean.
    pub how: Change,
    /// Quantities.
    pub lines: Vec<Wanted>,
    /// Prices of these and other lines.
    pub quotes: Quotes,
    /// When.
    pub now: Timestamp,
}

/// The cart after the change; a repeat changes nothing and answers the cart as it is then.
///
/// # Errors
/// ABORTED for a stale etag, FAILED_PRECONDITION when the cart is no longer ACTIVE or cannot hold the lines.
pub async fn change(tx: &mut Tx, change: &CartChange) -> Result<Cart> {
    // What is saved is that it was changed: carts are large, and there are many changes of one.
    let is_repeat = idempotency::saved_reply::<()>(tx, &change.key).await?.is_some();
    let mut cart = carts::get(&mut *tx, &change.cart).await?;
    if is_repeat {
        return Ok(cart);
    }
    etag::check(&change.etag, cart.version)?;
    if cart.change(change.how, &change.lines, &change.quotes, change.now)? {
        carts::update(tx, &cart).await?;
    }
    idempotency::save(tx, &change.key, &(), Keep::Standard, change.now).await?;
    Ok(cart)
}
