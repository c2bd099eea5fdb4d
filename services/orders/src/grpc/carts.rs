//! CreateCart, ListCarts and DeleteCart.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, ErrorKind, Result},
    idempotency::{self, Keep, Key},
    money::Currency,
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Resource, Visibility};
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{found::found, translate};
use crate::{
    app::App,
    domain::{
        allowance::allow_cart,
        cart::{Cart, Change, Wanted},
        line::Quotes,
    },
    ids::CartId,
    store::{buyers, carts},
};

const DEFAULT_CHANNEL: &str = "channels/default";
const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// A cart to open.
struct NewCart {
    key: Key,
    owner: String,
    channel: String,
    currency: Currency,
    lines: Vec<Wanted>,
    quotes: Quotes,
    now: Timestamp,
}

/// CreateCart.
pub async fn create(
    app: &App,
    request: Request<pb::CreateCartRequest>,
) -> Result<Response<pb::Cart>, Status> {
    let call = Call::of(&request)?.clone();
    let owner = call.user()?.to_owned();
    let request = request.into_inner();
    let key = Key::new(call.principal_key(), &call.policy.path, &request.request_id, &request);
    let channel = if request.channel.is_empty() { DEFAULT_CHANNEL.to_owned() } else { request.channel };
    let lines = translate::wanted(request.lines);
    let currency = app.peers.channel(&channel).await.map_err(unknown_channel)?.currency;
    let variants = lines.iter().map(|line| line.variant.clone()).collect();
    let quotes = app.peers.quote(&channel, variants).await.map_err(Error::from)?;
    let cart = NewCart { key, owner, channel, currency, lines, quotes, now: app.clock.now() };
    let cart = app.db.write(cart, |tx, cart| Box::pin(open(tx, cart))).await?;
    Ok(Response::new(translate::cart(&cart)?))
}

/// The new cart, or the one that an earlier request of the same key opened, as it is now.
async fn open(tx: &mut Tx, new: &NewCart) -> Result<Cart> {
    if let Some(opened) = idempotency::replay::<String>(tx, &new.key).await? {
        return carts::get(tx, &CartId::parse(&opened)?).await;
    }
    buyers::lock(tx, &new.owner).await?;
    allow_cart(&new.owner, carts::count_open(tx, &new.owner).await?)?;
    let id = CartId::generate();
    let mut cart = Cart::open(id, new.owner.clone(), new.channel.clone(), new.currency, new.now);
    cart.change(Change::Add, &new.lines, &new.quotes, new.now)?;
    carts::insert(tx, &cart).await?;
    idempotency::save(tx, &new.key, &cart.id.name(), Keep::Standard, new.now).await?;
    Ok(cart)
}

fn unknown_channel(status: Status) -> Error {
    let error = Error::from(status);
    match error.kind() {
        ErrorKind::NotFound => Error::invalid("channel", "is no channel of this shop; list the channels"),
        _ => error,
    }
}

/// ListCarts.
pub async fn list(
    app: &App,
    request: Request<pb::ListCartsRequest>,
) -> Result<Response<pb::ListCartsResponse>, Status> {
    let owner = match Call::of(&request)?.visibility() {
        Visibility::Owner(owner) => owner,
        Visibility::All | Visibility::Sellers(_) => Call::of(&request)?.user()?.to_owned(),
    };
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let fingerprint = format!("carts of {owner}");
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let found = carts::list_open(&app.db, &owner, before.as_deref(), size).await?;
    let (carts, next_page_token) = found.show(&fingerprint, |cart| cart.id.name(), translate::cart)?;
    Ok(Response::new(pb::ListCartsResponse { carts, next_page_token }))
}

/// DeleteCart.
pub async fn delete(app: &App, request: Request<pb::DeleteCartRequest>) -> Result<Response<()>, Status> {
    let cart = authorized(app, Call::of(&request)?, "name", &request.get_ref().name).await?;
    app.db.write(cart.id, |tx, id| Box::pin(throw_away(tx, id))).await?;
    Ok(Response::new(()))
}

async fn throw_away(tx: &mut Tx, id: &CartId) -> Result<()> {
    carts::get(&mut *tx, id).await?.require_active()?;
    carts::delete(tx, id).await
}

/// The cart a request names in `field`, if its caller may have it.
pub(super) async fn authorized(app: &App, call: &Call, field: &str, name: &str) -> Result<Cart, Status> {
    let cart = found(call, carts::get(&app.db, &CartId::parse_field(field, name)?).await)?;
    call.authorize(&Resource { owner: Some(&cart.owner), channel: Some(&cart.channel), seller: None })?;
    Ok(cart)
}

/// Quotes for a change of `cart`, in one call before the transaction.
pub(super) async fn quotes_for(app: &App, cart: &Cart, wanted: &[Wanted]) -> Result<Quotes, Status> {
    let variants = cart.variants_to_quote(wanted);
    Ok(app.peers.quote(&cart.channel, variants).await.map_err(Error::from)?)
}
