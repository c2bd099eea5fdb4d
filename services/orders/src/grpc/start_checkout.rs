//! StartCheckout: freezes the cart and starts the workflow in one transaction, then waits for its outcome.

use std::sync::Arc;

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    etag,
    idempotency::{self, Keep, Key},
    money::Money,
    saga,
    sealed::Sealer,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{
    carts::authorized,
    running_checkout::{Terms, join},
    translate, wait,
};
use crate::{
    app::App,
    domain::{
        cart::{Cart, CartState},
        checkout::{Checkout, CheckoutState},
        payment_token::refuse_card_number,
    },
    ids::{CartId, CheckoutId, OrderId},
    secrets,
    store::{buyers, carts, checkouts},
    workflows::{
        place_order::{PlaceOrder, PlaceOrderSaga, Step},
        retry::Retry,
    },
};

struct NewCheckout {
    key: Key,
    cart: CartId,
    terms: Terms,
    traceparent: String,
    sealer: Sealer,
    now: Timestamp,
}

/// Answers the settled checkout, or the running one when the deadline is near. One that failed answers
/// FAILED_PRECONDITION with the violations that GetCheckout shows as its failure.
pub async fn start_checkout(
    app: &Arc<App>,
    request: Request<pb::StartCheckoutRequest>,
) -> Result<Response<pb::Checkout>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let cart = authorized(app, &call, "cart", &request.cart).await?;
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let new = check(app, &call, &cart, key, request).await?;
    let id = app.db.write(new, |tx, new| Box::pin(start(tx, new))).await?;
    app.checkouts.wake(&id.name());
    let read = || checkouts::get(&app.db, &id);
    let settled = |checkout: &Checkout| checkout.state.is_settled();
    let latest = wait::latest(call.deadline);
    let checkout = wait::until_settled(&app.checkouts, &id.name(), latest, read, settled).await?;
    match &checkout.failure {
        Some(failure) if checkout.state == CheckoutState::Failed => Err(failure.to_error(&id).into()),
        _ => Ok(Response::new(translate::checkout(&checkout))),
    }
}

async fn check(
    app: &App,
    call: &Call,
    cart: &Cart,
    key: Key,
    request: pb::StartCheckoutRequest,
) -> Result<NewCheckout, Status> {
    refuse_card_number(&request.payment_token)?;
    let expected = request
        .expected_total
        .as_ref()
        .map(|total| Money::from_proto("expected_total", total))
        .transpose()?;
    if expected.is_some_and(|total| total.currency != cart.currency) {
        let problem = format!("must be {}, the currency of the cart", cart.currency.code());
        return Err(Error::invalid("expected_total.currency_code", problem).into());
    }
    let address = request.shipping_address.unwrap_or_default();
    let channel = app.peers.channel(&cart.channel).await.map_err(Error::from)?;
    if !channel.countries.contains(&address.region_code) {
        let problem = format!("is not shipped to; choose one of {}", channel.countries.join(", "));
        return Err(Error::invalid("shipping_address.region_code", problem).into());
    }
    Ok(NewCheckout {
        key,
        cart: cart.id.clone(),
        terms: Terms {
            etag: request.etag,
            expected_minor: expected.map(|total| total.minor),
            address,
            payment_token: request.payment_token,
        },
        traceparent: call.traceparent.clone(),
        sealer: app.sealer.clone(),
        now: app.clock.now(),
    })
}

/// The checkout to wait for: this request's, an earlier one of the same key, or the one the cart is in, if it is for the
/// same.
async fn start(tx: &mut Tx, new: &NewCheckout) -> Result<CheckoutId> {
    if let Some(started) = idempotency::replay::<String>(tx, &new.key).await? {
        return CheckoutId::parse(&started);
    }
    let cart = carts::get(&mut *tx, &new.cart).await?;
    let id = match (cart.state, cart.checkout.clone()) {
        (CartState::CheckingOut, Some(running)) => join(tx, &new.sealer, &cart, running, &new.terms).await?,
        _ => begin(tx, cart, new).await?,
    };
    idempotency::save(tx, &new.key, &id.name(), Keep::Money, new.now).await?;
    Ok(id)
}

async fn begin(tx: &mut Tx, mut cart: Cart, new: &NewCheckout) -> Result<CheckoutId> {
    let NewCheckout { terms, sealer, now, .. } = new;
    etag::check(&terms.etag, cart.version)?;
    let setbacks = buyers::lock(tx, &cart.owner).await?;
    setbacks.allow_checkout(&checkouts::running(tx, &cart.owner).await?, *now)?;
    let checkout = Checkout {
        id: CheckoutId::generate(),
        cart: cart.id.clone(),
        owner: cart.owner.clone(),
        state: CheckoutState::Pending,
        order: None,
        total: None,
        failure: None,
        created: *now,
        updated: *now,
    };
    cart.begin_checkout(checkout.id.clone(), *now)?;
    carts::update(tx, &cart).await?;
    let (address, token) = (&terms.address, &terms.payment_token);
    let sealed = secrets::seal(sealer, tx, &cart.owner, &checkout.id, address, token).await?;
    checkouts::insert(tx, &checkout, cart.currency, &sealed).await?;
    let state = PlaceOrder {
        checkout: checkout.id.clone(),
        cart: cart.id,
        order: OrderId::generate(),
        owner: cart.owner,
        channel: cart.channel,
        currency: cart.currency,
        lines: cart.lines,
        expected_minor: terms.expected_minor,
        traceparent: new.traceparent.clone(),
        priced: false,
        step: Step::Price,
        retry: Retry::default(),
        payment: None,
        unknown_since: None,
        failure: None,
    };
    saga::start::<PlaceOrderSaga>(tx, &checkout.id.name(), &state, *now).await?;
    Ok(checkout.id)
}
