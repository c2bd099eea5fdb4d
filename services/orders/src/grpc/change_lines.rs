//! AddLines: units of a variant that is there already are added to its line. SetLines: new quantities, 0 takes a line out.

use shopmesh_kit::{error::Result, idempotency::Key};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::authorized;
use crate::{
    app::App,
    domain::cart::{Cart, Change, Wanted},
    translate,
    usecases::change_cart::{self, CartChange},
};

/// The cart after the addition; a repeat adds nothing and answers the cart as it is then.
pub async fn add(app: &App, call: &Call, request: pb::AddLinesRequest) -> Result<pb::Cart> {
    let cart = authorized::cart(app, call, "cart", &request.cart).await?;
    let key = Key::of(call, &request.request_id, &request);
    let lines = translate::rpc::wanted(request.lines);
    change(app, cart, key, request.etag, Change::Add, lines).await
}

/// The cart with the new quantities. Naturally idempotent.
pub async fn set(app: &App, call: &Call, request: pb::SetLinesRequest) -> Result<pb::Cart> {
    let cart = authorized::cart(app, call, "cart", &request.cart).await?;
    let key = Key::of(call, "", &request);
    let lines = translate::rpc::wanted_quantities(request.lines);
    change(app, cart, key, request.etag, Change::Set, lines).await
}

/// Prices the lines in one call, before the transaction.
async fn change(
    app: &App,
    cart: Cart,
    key: Key,
    etag: String,
    how: Change,
    lines: Vec<Wanted>,
) -> Result<pb::Cart> {
    let quotes = app.peers.quote(&cart.channel, cart.variants_to_quote(&lines)).await?;
    let change = CartChange { key, cart: cart.id, etag, how, lines, quotes, now: app.clock.now() };
    let cart = app.db.write(change, |tx, change| Box::pin(change_cart::change(tx, change))).await?;
    translate::rpc::cart(&cart)
}
