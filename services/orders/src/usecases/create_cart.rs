//! Opens a cart.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::Result,
    idempotency::{self, Keep, Key},
    money::Currency,
};

use crate::{
    domain::{
        allowance::allow_cart,
        cart::{Cart, Change, Wanted},
        line::Quotes,
    },
    ids::CartId,
    store::{buyers, carts},
};

/// A cart to open.
pub struct NewCart {
    /// Of the request.
    pub key: Key,
    /// `users/...`.
    pub owner: String,
    /// `channels/...`.
    pub channel: String,
    /// Currency of the channel.
    pub currency: Currency,
    /// What is in it.
    pub lines: Vec<Wanted>,
    /// Prices of that.
    pub quotes: Quotes,
    /// When.
    pub now: Timestamp,
}

/// The new cart, or the one that an earlier request of the same key opened, as it is now.
///
/// # Errors
/// FAILED_PRECONDITION when the owner has too many, or for lines that a cart cannot hold.
pub async fn create(tx: &mut Tx, new: &NewCart) -> Result<Cart> {
    if let Some(opened) = idempotency::saved_reply::<String>(tx, &new.key).await? {
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
