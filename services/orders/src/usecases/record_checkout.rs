//! What the checkout, the cart and the order show of a transition, written in its transaction.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::{self, Cause},
    saga,
};

use super::published;
use crate::{
    domain::{
        allowance::MAX_FAILED_CHECKOUTS,
        order::{OrderEvent, Placed},
        place_order::{PlaceOrder, Step},
    },
    store::{buyers, carts, checkouts, orders},
    translate,
};

/// Records what shows of the step from `before` to `after`.
///
/// # Errors
/// Those of the database; INTERNAL when cart and checkout do not belong together.
pub async fn record(tx: &mut Tx, before: &PlaceOrder, after: &PlaceOrder, cause: &Cause) -> Result<()> {
    let unchanged = before.checkout_state() == after.checkout_state() && before.total() == after.total();
    if unchanged {
        return Ok(());
    }
    match after.step {
        Step::Placed => place(tx, after, cause).await?,
        Step::Failed => fail(tx, after, cause).await?,
        _ => {}
    }
    let mut checkout = checkouts::get(&mut *tx, &after.checkout).await?;
    checkout.state = after.checkout_state();
    checkout.total = after.total();
    checkout.order = (after.step == Step::Placed).then(|| after.order.clone());
    checkout.failure = after.failure.clone();
    checkout.updated = cause.at;
    checkouts::update(tx, &checkout).await
}

async fn place(tx: &mut Tx, saga: &PlaceOrder, cause: &Cause) -> Result<()> {
    let payment = saga.payment.clone().ok_or_else(|| Error::internal(NoPayment))?;
    buyers::change(tx, &saga.owner, |setbacks| setbacks.paid(cause.at)).await?;
    let placed = Placed {
        order: saga.order.clone(),
        number: orders::next_number(tx).await?,
        owner: saga.owner.clone(),
        channel: saga.channel.clone(),
        currency: saga.currency,
        lines: saga.lines.clone(),
        checkout: saga.checkout.clone(),
        payment,
        sealed_address: checkouts::sealed_address(tx, &saga.checkout).await?,
    };
    published::append(tx, cause, None, OrderEvent::Placed(placed)).await?;
    let mut cart = carts::get(&mut *tx, &saga.cart).await?;
    cart.convert(&saga.checkout, cause.at)?;
    carts::update(tx, &cart).await
}

async fn fail(tx: &mut Tx, failed: &PlaceOrder, cause: &Cause) -> Result<()> {
    if failed.failure.as_ref().is_some_and(|failure| failure.reason.is_of_payment()) {
        buyers::change(tx, &failed.owner, |setbacks| setbacks.failed(cause.at)).await?;
    }
    let mut cart = carts::get(&mut *tx, &failed.cart).await?;
    cart.reopen(&failed.checkout, failed.lines.clone(), cause.at)?;
    carts::update(tx, &cart).await?;
    let surplus = checkouts::delete_surplus(tx, &failed.owner, MAX_FAILED_CHECKOUTS).await?;
    saga::forget::<PlaceOrder>(tx, &surplus).await?;
    let Some(failure) = &failed.failure else { return Ok(()) };
    let data = translate::events::checkout_failed(&failed.checkout, &failed.owner, failure.reason);
    events::append(tx, cause, &failed.checkout.name(), &data).await?;
    Ok(())
}

/// The state machine reaches PLACED only with a payment; this says so if it ever does not.
#[derive(Debug, thiserror::Error)]
#[error("a checkout without a payment cannot be placed")]
struct NoPayment;
