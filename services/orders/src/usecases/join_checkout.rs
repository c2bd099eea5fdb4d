//! A StartCheckout of a cart that is in checkout: joined when it asks for the same, refused when it does not.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    etag, saga,
    sealed::Sealer,
};

use super::{secrets, terms::Terms};
use crate::{
    domain::{cart::Cart, place_order::PlaceOrder},
    ids::CheckoutId,
    store::checkouts,
};

/// `running`, if it does what `asked` says.
///
/// # Errors
/// FAILED_PRECONDITION, reason `CHECKOUT_RUNNING`, with the running checkout and what differs; ABORTED for a stale etag.
pub async fn join(
    tx: &mut Tx,
    asked: &Terms,
    sealer: &Sealer,
    cart: &Cart,
    running: CheckoutId,
) -> Result<CheckoutId> {
    // Freezing the cart has raised its version by one.
    etag::check(&asked.etag, cart.version - 1).or_else(|_| etag::check(&asked.etag, cart.version))?;
    let mut differs = Vec::new();
    let state = saga::load::<PlaceOrder>(&mut *tx, &running.name()).await?.map(|saga| saga.run.state);
    if state.is_none_or(|state| state.expected_minor != asked.expected_minor) {
        differs.push("expected_total");
    }
    let sealed = checkouts::sealed_address(&mut *tx, &running).await?;
    if secrets::open_address(sealer, &mut *tx, &cart.owner, &running, &sealed).await? != asked.address {
        differs.push("shipping_address");
    }
    let token = match checkouts::sealed_payment_token(&mut *tx, &running).await? {
        Some(sealed) => Some(secrets::open_payment_token(sealer, tx, &cart.owner, &running, &sealed).await?),
        None => None,
    };
    if token.as_ref() != Some(&asked.payment_token) {
        differs.push("payment_token");
    }
    if differs.is_empty() {
        return Ok(running);
    }
    let problem = format!(
        "a checkout of the cart runs already, with another {}; wait for its outcome",
        differs.join(" and another ")
    );
    Err(Error::precondition("STATE", cart.id.name(), problem)
        .with_reason("CHECKOUT_RUNNING")
        .with_metadata("checkout", running.name()))
}
