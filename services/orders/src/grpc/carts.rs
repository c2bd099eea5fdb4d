//! CreateCart, ListCarts and DeleteCart.

use shopmesh_kit::{
    error::{Error, ErrorKind, Result},
    idempotency::Key,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::orders::v1 as pb;
use tonic::Status;

use super::authorized;
use crate::{
    app::App,
    domain::channel::DEFAULT_CHANNEL,
    ids::CartId,
    store, translate,
    usecases::{
        create_cart::{self, NewCart},
        delete_cart,
    },
};

/// The new cart; a repeat answers it as it is then.
pub async fn create(app: &App, call: &Call, request: pb::CreateCartRequest) -> Result<pb::Cart> {
    let owner = call.user()?.to_owned();
    let key = Key::of(call, &request.request_id, &request);
    let channel = if request.channel.is_empty() { DEFAULT_CHANNEL.to_owned() } else { request.channel };
    let lines = translate::rpc::wanted(request.lines);
    let currency = app.peers.channel(&channel).await.map_err(unknown_channel)?.currency;
    let quotes = app.peers.quote(&channel, lines.iter().map(|line| line.variant.clone()).collect()).await?;
    let new = NewCart { key, owner, channel, currency, lines, quotes, now: app.clock.now() };
    let cart = app.db.write(new, |tx, new| Box::pin(create_cart::create(tx, new))).await?;
    translate::rpc::cart(&cart)
}

fn unknown_channel(status: Status) -> Error {
    let error = Error::from(status);
    match error.kind() {
        ErrorKind::NotFound => Error::invalid("channel", "is no channel of this shop; list the channels"),
        _ => error,
    }
}

/// One page of the caller's open carts, newest first.
pub async fn list(app: &App, call: &Call, request: pb::ListCartsRequest) -> Result<pb::ListCartsResponse> {
    let owner = match call.visibility() {
        Visibility::Owner(owner) => owner,
        Visibility::All | Visibility::Sellers(_) => call.user()?.to_owned(),
    };
    let query = format!("carts of {owner}");
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let before = page.parsed_cursor::<CartId>()?;
    let found = store::carts::list_open(&app.db, &owner, before.as_ref(), page.size).await?;
    let (carts, next_page_token) = page.show(found, |cart| cart.id.name(), translate::rpc::cart)?;
    Ok(pb::ListCartsResponse { carts, next_page_token })
}

/// Deletes an ACTIVE cart.
pub async fn delete(app: &App, call: &Call, request: pb::DeleteCartRequest) -> Result<()> {
    let cart = authorized::cart(app, call, "name", &request.name).await?;
    app.db.write(cart.id, |tx, id| Box::pin(delete_cart::delete(tx, id))).await
}
