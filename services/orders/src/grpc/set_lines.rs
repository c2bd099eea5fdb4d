//! SetLines: new quantities, 0 takes a line out. Naturally idempotent.

use shopmesh_kit::{clock::Timestamp, db::Tx, error::Result, etag};
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

struct Setting {
    cart: CartId,
    etag: String,
    lines: Vec<Wanted>,
    quotes: Quotes,
    now: Timestamp,
}

/// Answers the cart as it is with the new quantities.
pub async fn set_lines(
    app: &App,
    request: Request<pb::SetLinesRequest>,
) -> Result<Response<pb::Cart>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let cart = authorized(app, &call, "cart", &request.cart).await?;
    let lines = translate::wanted_quantities(request.lines);
    let quotes = quotes_for(app, &cart, &lines).await?;
    let setting = Setting { cart: cart.id, etag: request.etag, lines, quotes, now: app.clock.now() };
    let cart = app.db.write(setting, |tx, setting| Box::pin(set(tx, setting))).await?;
    Ok(Response::new(translate::cart(&cart)?))
}

async fn set(tx: &mut Tx, setting: &Setting) -> Result<Cart> {
    let mut cart = carts::get(&mut *tx, &setting.cart).await?;
    etag::check(&setting.etag, cart.version)?;
    if cart.change(Change::Set, &setting.lines, &setting.quotes, setting.now)? {
        carts::update(tx, &cart).await?;
    }
    Ok(cart)
}
