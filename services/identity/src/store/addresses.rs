//! Addresses, sealed under their person's key and bound to their row.

use shopmesh_kit::{
    clock::Timestamp,
    db::{Db, DbError, Tx, sql},
    error::{Error, Result},
    sealed::{Sealed, Sealer},
};

use crate::{
    domain::{address::Address, limits::MAX_ADDRESSES},
    ids::{AddressId, AddressName, UserId},
};

/// Takes one of the places for addresses of an account; `false` when none is left.
pub async fn take_place(tx: &mut Tx, user: &UserId) -> Result<bool> {
    let limit = i64::try_from(MAX_ADDRESSES).map_err(Error::internal)?;
    let taken = sql("UPDATE users SET addresses = addresses + 1 WHERE id = $1 AND addresses < $2");
    Ok(taken.bind(user).bind(limit).execute(tx).await? == 1)
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
        .bind(&name.id)
        .bind(&name.user)
        .bind(sealed)
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}

/// The address, or NOT_FOUND.
pub async fn get(db: &Db, sealer: &Sealer, name: &AddressName) -> Result<Address> {
    let row = sql("SELECT sealed_address FROM addresses WHERE id = $1 AND user_id = $2");
    let row = row.bind(&name.id).bind(&name.user).optional(db).await?;
    let sealed = row.ok_or_else(|| Error::not_found(&name.name()))?.blob("sealed_address")?;
    read(&sealer.open(db, &name.user.name(), &name.name(), &sealed).await?)
}

/// All addresses of an account, first created first.
pub async fn list(db: &Db, sealer: &Sealer, user: &UserId) -> Result<Vec<(AddressName, Address)>> {
    let rows = sql("SELECT id, sealed_address FROM addresses WHERE user_id = $1 ORDER BY id");
    let (mut names, mut sealed) = (Vec::new(), Vec::new());
    for row in rows.bind(user).all(db).await? {
        let name = AddressName { user: user.clone(), id: AddressId::stored(&row.text("id")?)? };
        sealed.push(Sealed { person: user.name(), context: name.name(), text: row.blob("sealed_address")? });
        names.push(name);
    }
    let opened = sealer.open_all(db, &sealed).await?;
    names.into_iter().zip(&opened).map(|(name, plain)| Ok((name, read(plain)?))).collect()
}

/// Deletes an address and gives its place back; `false` when there is none.
pub async fn delete(tx: &mut Tx, name: &AddressName) -> Result<bool, DbError> {
    let deleted = sql("DELETE FROM addresses WHERE id = $1 AND user_id = $2");
    let deleted = deleted.bind(&name.id).bind(&name.user).execute(&mut *tx).await? == 1;
    if deleted {
        let freed = sql("UPDATE users SET addresses = addresses - 1 WHERE id = $1");
        freed.bind(&name.user).execute(tx).await?;
    }
    Ok(deleted)
}

fn read(plain: &[u8]) -> Result<Address> {
    serde_json::from_slice(plain).map_err(Error::internal)
}
