//! What the checkout, the cart and the order show of a transition, written in its transaction.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    events::Cause,
    saga,
};

use super::{PlaceOrder, PlaceOrderSaga, Step};
use crate::{
    domain::{
        allowance::MAX_FAILED_CHECKOUTS,
        order::{OrderEvent, Placed},
    },
    events::published,
    store::{buyers, carts, checkouts, orders},
};

impl PlaceOrderSaga {
    pub(super) async fn remember(&self, tx: &mut Tx, before: &PlaceOrder, after: &PlaceOrder) -> Result<()> {
        let unchanged = before.checkout_state() == after.checkout_state() && before.total() == after.total();
        if unchanged {
            return Ok(());
        }
        let now = self.clock.now();
        match after.step {
            Step::Placed => place(tx, after, now).await?,
            Step::Failed => fail(tx, after, now).await?,
            _ => {}
        }
        let mut checkout = checkouts::get(&mut *tx, &after.checkout).await?;
        checkout.state = after.checkout_state();
        checkout.total = after.total();
        checkout.order = (after.step == Step::Placed).then(|| after.order.clone());
        checkout.failure = after.failure.clone();
        checkout.updated = now;
        checkouts::update(tx, &checkout).await
    }
}

async fn place(tx: &mut Tx, saga: &PlaceOrder, now: Timestamp) -> Result<()> {
    let payment = saga.payment.clone().ok_or_else(|| Error::internal(NoCover))?;
    buyers::change(tx, &saga.owner, |setbacks| setbacks.paid(now)).await?;
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
    published::append(tx, &cause(saga, now), None, OrderEvent::Placed(placed)).await?;
    let mut cart = carts::get(&mut *tx, &saga.cart).await?;
    cart.convert(&saga.checkout, now)?;
    carts::update(tx, &cart).await
}

async fn fail(tx: &mut Tx, failed: &PlaceOrder, now: Timestamp) -> Result<()> {
    if failed.failure.as_ref().is_some_and(|failure| failure.reason.is_of_payment()) {
        buyers::change(tx, &failed.owner, |setbacks| setbacks.failed(now)).await?;
    }
    let mut cart = carts::get(&mut *tx, &failed.cart).await?;
    cart.reopen(&failed.checkout, failed.lines.clone(), now)?;
    carts::update(tx, &cart).await?;
    let surplus = checkouts::delete_surplus(&mut *tx, &failed.owner, MAX_FAILED_CHECKOUTS).await?;
    saga::forget::<PlaceOrderSaga>(&mut *tx, &surplus).await?;
    let Some(failure) = &failed.failure else { return Ok(()) };
    published::checkout_failed(tx, &cause(failed, now), &failed.checkout, &failed.owner, failure.reason).await
}

fn cause(saga: &PlaceOrder, now: Timestamp) -> Cause {
    Cause { traceparent: saga.traceparent.clone(), causation_id: saga.checkout.name(), at: now }
}

/// The state machine reaches PLACED only with a payment; this says so if it ever does not.
#[derive(Debug, thiserror::Error)]
#[error("a checkout without a payment cannot be placed")]
struct NoCover;
