//! AddLines: units of a variant that is there already are added to its line.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::Result,
    etag,
    idempotency::{self, Keep, Key},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{carts::authorized, carts::quotes_for, translate};
use crate::{
    app::App,
    domain::{
        cart::{Cart, Change, Wanted},
        line::Quotes,
    },
    ids::CartId,
    store::carts,
};

struct Addition {
    key: Key,
    cart: CartId,
    etag: String,
    lines: Vec<Wanted>,
    quotes: Quotes,
    now: Timestamp,
}

/// Answers the cart as it is after the addition; a repeat adds nothing and answers the cart as it is then.
pub async fn add_lines(
    app: &App,
    request: Request<pb::AddLinesRequest>,
) -> Result<Response<pb::Cart>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let cart = authorized(app, &call, "cart", &request.cart).await?;
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let lines = translate::wanted(request.lines);
    let quotes = quotes_for(app, &cart, &lines).await?;
    let addition = Addition { key, cart: cart.id, etag: request.etag, lines, quotes, now: app.clock.now() };
    let cart = app.db.write(addition, |tx, addition| Box::pin(add(tx, addition))).await?;
    Ok(Response::new(translate::cart(&cart)?))
}

async fn add(tx: &mut Tx, addition: &Addition) -> Result<Cart> {
    // What is saved is that it was added: carts are large, and there are many changes of one.
    let added = idempotency::replay::<()>(tx, &addition.key).await?.is_some();
    let mut cart = carts::get(&mut *tx, &addition.cart).await?;
    if added {
        return Ok(cart);
    }
    etag::check(&addition.etag, cart.version)?;
    if cart.change(Change::Add, &addition.lines, &addition.quotes, addition.now)? {
        carts::update(tx, &cart).await?;
    }
    idempotency::save(tx, &addition.key, &(), Keep::Standard, addition.now).await?;
    Ok(cart)
}
