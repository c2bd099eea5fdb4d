//! StartCheckout: freezes the cart and starts the workflow in one transaction, then waits for its outcome.

use shopmesh_kit::{error::Result, events::Cause, idempotency::Key, money::Money};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::{authorized, wait};
use crate::{
    app::App,
    domain::{cart::Cart, checkout::CheckoutState, payment::refuse_card_number},
    translate,
    usecases::{
        start_checkout::{self, NewCheckout},
        terms::Terms,
    },
};

/// The settled checkout, or the running one when the deadline is near. One that failed answers
/// FAILED_PRECONDITION with the violations that GetCheckout shows as its failure.
pub async fn answer(app: &App, call: &Call, request: pb::StartCheckoutRequest) -> Result<pb::Checkout> {
    let cart = authorized::cart(app, call, "cart", &request.cart).await?;
    let key = Key::of(call, &request.request_id, &request);
    let terms = terms(app, &cart, request).await?;
    let (sealer, cause) = (app.sealer.clone(), Cause::of(call, &*app.clock));
    let new = NewCheckout { key, cart: cart.id, terms, sealer, cause };
    let id = app.db.write(new, |tx, new| Box::pin(start_checkout::start(tx, new))).await?;
    let checkout = wait::for_checkout(app, call, &id).await?;
    match &checkout.failure {
        Some(failure) if checkout.state == CheckoutState::Failed => Err(failure.to_error(&id)),
        _ => Ok(translate::rpc::checkout(&checkout)),
    }
}

async fn terms(app: &App, cart: &Cart, request: pb::StartCheckoutRequest) -> Result<Terms> {
    refuse_card_number(&request.payment_token)?;
    let expected = request.expected_total.as_ref();
    let expected = expected.map(|total| Money::from_proto("expected_total", total)).transpose()?;
    let expected_minor = cart.expected_minor(expected)?;
    let address = request.shipping_address.unwrap_or_default();
    app.peers.channel(&cart.channel).await?.require_country(&address.region_code)?;
    Ok(Terms { etag: request.etag, expected_minor, address, payment_token: request.payment_token })
}
