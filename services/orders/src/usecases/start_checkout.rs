//! Freezes a cart and starts the workflow that makes it an order.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    etag,
    events::Cause,
    idempotency::{self, Keep, Key},
    saga,
    sealed::Sealer,
};

use super::{join_checkout, secrets, terms::Terms};
use crate::{
    domain::{
        cart::{Cart, CartState},
        checkout::Checkout,
        place_order::PlaceOrder,
    },
    ids::{CartId, CheckoutId},
    store::{buyers, carts, checkouts},
};

/// A checkout to start.
pub struct NewCheckout {
    /// Of the request.
    pub key: Key,
    /// The cart.
    pub cart: CartId,
    /// What else is asked for.
    pub terms: Terms,
    /// Seals address and token.
    pub sealer: Sealer,
    /// What it is done for.
    pub cause: Cause,
}

/// The checkout to wait for: this request's, an earlier one of the same key, or the one the cart is in, if it is for the
/// same.
///
/// # Errors
/// ABORTED for a stale etag; FAILED_PRECONDITION when the cart cannot be bought, or a checkout of it runs on other terms;
/// RESOURCE_EXHAUSTED when the owner has to wait.
pub async fn start(tx: &mut Tx, new: &NewCheckout) -> Result<CheckoutId> {
    if let Some(started) = idempotency::saved_reply::<String>(tx, &new.key).await? {
        return CheckoutId::parse(&started);
    }
    let cart = carts::get(&mut *tx, &new.cart).await?;
    let id = match (cart.state, cart.checkout.clone()) {
        (CartState::CheckingOut, Some(running)) => {
            join_checkout::join(tx, &new.terms, &new.sealer, &cart, running).await?
        }
        _ => begin(tx, cart, new).await?,
    };
    idempotency::save(tx, &new.key, &id.name(), Keep::Money, new.cause.at).await?;
    Ok(id)
}

async fn begin(tx: &mut Tx, mut cart: Cart, new: &NewCheckout) -> Result<CheckoutId> {
    let NewCheckout { terms, sealer, cause, .. } = new;
    etag::check(&terms.etag, cart.version)?;
    let setbacks = buyers::lock(tx, &cart.owner).await?;
    setbacks.allow_checkout(&checkouts::running(tx, &cart.owner).await?, cause.at)?;
    let checkout = Checkout::of(&cart, cause.at);
    let id = checkout.id.clone();
    cart.begin_checkout(id.clone(), cause.at)?;
    carts::update(tx, &cart).await?;
    let sealed = secrets::seal(sealer, tx, &cart.owner, &id, terms).await?;
    checkouts::insert(tx, &checkout, cart.currency, &sealed).await?;
    let state = PlaceOrder::of(id.clone(), cart, terms.expected_minor);
    saga::start(tx, &id.name(), state, cause).await?;
    Ok(id)
}
