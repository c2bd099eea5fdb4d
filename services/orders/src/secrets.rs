//! What is kept sealed under a shopper's key, and in which context: a blob copied to another row does not open.

use prost::Message;
use shopmesh_kit::{
    db::{Db, Tx},
    error::{Error, Result},
    sealed::Sealer,
};
use shopmesh_proto::orders::v1::ShippingAddress;

use crate::{domain::order::Placed, ids::CheckoutId, store::checkouts::Sealed};

/// Seals what a checkout needs, under the owner's key.
pub async fn seal(
    sealer: &Sealer,
    tx: &mut Tx,
    owner: &str,
    checkout: &CheckoutId,
    address: &ShippingAddress,
    payment_token: &str,
) -> Result<Sealed> {
    let address = sealer.seal(tx, owner, &address_context(checkout), &address.encode_to_vec()).await?;
    let payment_token = sealer.seal(tx, owner, &token_context(checkout), payment_token.as_bytes()).await?;
    Ok(Sealed { address, payment_token })
}

/// Opens the payment token of a running checkout.
pub async fn open_payment_token(
    sealer: &Sealer,
    db: &Db,
    owner: &str,
    checkout: &CheckoutId,
    sealed: &[u8],
) -> Result<String> {
    let token = sealer.open(db, owner, &token_context(checkout), sealed).await?;
    String::from_utf8(token).map_err(Error::internal)
}

/// Opens the address of a placed order.
pub async fn open_address(sealer: &Sealer, db: &Db, order: &Placed) -> Result<ShippingAddress> {
    let context = address_context(&order.checkout);
    let address = sealer.open(db, &order.owner, &context, &order.sealed_address).await?;
    ShippingAddress::decode(address.as_slice()).map_err(Error::internal)
}

fn address_context(checkout: &CheckoutId) -> String {
    format!("{}/shipping_address", checkout.name())
}

fn token_context(checkout: &CheckoutId) -> String {
    format!("{}/payment_token", checkout.name())
}
