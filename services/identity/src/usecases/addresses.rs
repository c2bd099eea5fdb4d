//! Addresses of an account come and go, up to a limit.

use shopmesh_kit::{
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    sealed::Sealer,
};

use crate::{
    domain::{address::Address, limits::MAX_ADDRESSES},
    ids::AddressName,
    store::addresses,
};

/// An address to add.
pub struct NewAddress {
    /// Seals it.
    pub sealer: Sealer,
    /// Its name.
    pub name: AddressName,
    /// The address.
    pub address: Address,
    /// The present.
    pub now: Timestamp,
}

/// Adds an address.
///
/// # Errors
/// FAILED_PRECONDITION when the account has too many.
pub async fn add(tx: &mut Tx, new: &NewAddress) -> Result<()> {
    let NewAddress { sealer, name, address, now } = new;
    if !addresses::take_place(&mut *tx, &name.user).await? {
        let problem = format!("an account has at most {MAX_ADDRESSES} addresses; delete one first");
        return Err(Error::precondition("LIMIT", name.user.name(), problem));
    }
    addresses::insert(tx, sealer, name, address, *now).await
}

/// Deletes an address.
///
/// # Errors
/// NOT_FOUND without one.
pub async fn remove(tx: &mut Tx, name: &AddressName) -> Result<()> {
    if addresses::delete(tx, name).await? { Ok(()) } else { Err(Error::not_found(&name.name())) }
}
