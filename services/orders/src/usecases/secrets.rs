//! What is kept sealed under a shopper's key, and in which context: a blob copied to another row does not open.

use prost::Message;
use shopmesh_kit::{
    db::{Executor, Tx},
    error::{Error, Result},
    sealed::Sealer,
};
use shopmesh_proto::orders::v1::ShippingAddress;

use super::terms::Terms;
use crate::{ids::CheckoutId, store::checkouts::Sealed};

/// Seals what a checkout needs, under the owner's key.
pub async fn seal(
    sealer: &Sealer,
    tx: &mut Tx,
    owner: &str,
    checkout: &CheckoutId,
    terms: &Terms,
) -> Result<Sealed> {
    let address = terms.address.encode_to_vec();
    let address = sealer.seal(tx, owner, &address_context(checkout), &address).await?;
    let payment_token = terms.payment_token.as_bytes();
    let payment_token = sealer.seal(tx, owner, &token_context(checkout), payment_token).await?;
    Ok(Sealed { address, payment_token })
}

/// Opens the payment token of a running checkout.
pub async fn open_payment_token(
    sealer: &Sealer,
    on: impl Executor,
    owner: &str,
    checkout: &CheckoutId,
    sealed: &[u8],
) -> Result<String> {
    let token = sealer.open(on, owner, &token_context(checkout), sealed).await?;
    String::from_utf8(token).map_err(Error::internal)
}

/// Opens the address that a checkout was given.
pub async fn open_address(
    sealer: &Sealer,
    on: impl Executor,
    owner: &str,
    checkout: &CheckoutId,
    sealed: &[u8],
) -> Result<ShippingAddress> {
    let address = sealer.open(on, owner, &address_context(checkout), sealed).await?;
    ShippingAddress::decode(address.as_slice()).map_err(Error::internal)
}

fn address_context(checkout: &CheckoutId) -> String {
    format!("{}/shipping_address", checkout.name())
}

fn token_context(checkout: &CheckoutId) -> String {
    format!("{}/payment_token", checkout.name())
}
