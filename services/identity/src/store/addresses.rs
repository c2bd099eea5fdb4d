//! Addresses, sealed under their person's key and bound to their row.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, DbError, Row, Tx, sql},
    error::{Error, Result},
    sealed::Sealer,
};

use crate::{
    domain::{address::Address, limits::MAX_ADDRESSES},
    ids::{AddressName, UserId},
};

/// Takes one of the places for addresses of an account; `false` when none is left.
pub async fn take_place(tx: &mut Tx, user: &UserId) -> Result<bool> {
    let limit = i64::try_from(MAX_ADDRESSES).map_err(Error::internal)?;
    let taken = sql("UPDATE users SET addresses = addresses + 1 WHERE id = $1 AND addresses < $2");
    Ok(taken.bind(user.name()).bind(limit).execute(tx).await? == 1)
}

/// Inserts an address for which a place was taken.
pub async fn insert(
    tx: &mut Tx,
    sealer: &Sealer,
    name: &AddressName,
    address: &Address,
    now: Timestamp,
) -> Result<()> {
    let plain = serde_json::to_vec(address).map_err(Error::internal)?;
    let sealed = sealer.seal(&mut *tx, &name.user.name(), &name.name(), &plain).await?;
    sql("INSERT INTO addresses (id, user_id, sealed_address, created) VALUES ($1, $2, $3, $4)")
        .bind(name.id())
        .bind(name.user.name())
        .bind(sealed)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// The address, or NOT_FOUND.
pub async fn get(db: &Db, sealer: &Sealer, name: &AddressName) -> Result<Address> {
    let row = sql("SELECT sealed_address FROM addresses WHERE id = $1 AND user_id = $2");
    let row = row.bind(name.id()).bind(name.user.name()).optional(db).await?;
    open(db, sealer, name, &row.ok_or_else(|| Error::not_found(&name.name()))?).await
}

/// All addresses of an account, first created first.
pub async fn list(db: &Db, sealer: &Sealer, user: &UserId) -> Result<Vec<(AddressName, Address)>> {
    let rows = sql("SELECT id, sealed_address FROM addresses WHERE user_id = $1 ORDER BY id");
    let rows = rows.bind(user.name()).all(db).await?;
    let mut addresses = Vec::with_capacity(rows.len());
    for row in &rows {
        let name = AddressName::of_row(user, &row.text("id")?)?;
        let address = open(db, sealer, &name, row).await?;
        addresses.push((name, address));
    }
    Ok(addresses)
}

/// Deletes an address and gives its place back; `false` when there is none.
pub async fn delete(tx: &mut Tx, name: &AddressName) -> Result<bool, DbError> {
    let deleted = sql("DELETE FROM addresses WHERE id = $1 AND user_id = $2");
    let deleted = deleted.bind(name.id()).bind(name.user.name()).execute(&mut *tx).await? == 1;
    if deleted {
        let freed = sql("UPDATE users SET addresses = addresses - 1 WHERE id = $1");
        freed.bind(name.user.name()).execute(tx).await?;
    }
    Ok(deleted)
}

async fn open(db: &Db, sealer: &Sealer, name: &AddressName, row: &Row) -> Result<Address> {
    let plain = sealer.open(db, &name.user.name(), &name.name(), &row.blob("sealed_address")?).await?;
    serde_json::from_slice(&plain).map_err(Error::internal)
}
