//! Wrong passwords by account and address, and the addresses that accounts were used from. Keys are keyed hashes: no
//! address of either kind can be read here.

use shopmesh_kit::{
    clock::Timestamp,
    db::{DbError, Tx, sql},
};

use crate::{
    domain::guessing::{Counter, Guess},
    ids::UserId,
};

/// Counters are read and written one attempt after the other, so that attempts side by side count too. (PostgreSQL only:
/// the key of its lock.)
const COUNT_LOCK: i64 = 0x6964_735f_6773;
/// Counters kept; beyond them the oldest go.
const MAX_COUNTERS: i64 = 200_000;
/// Addresses kept of an account; beyond them the one it was not used from for the longest time goes.
const MAX_PLACES: i64 = 20;

/// Under which keys an attempt counts.
#[derive(Clone, Debug)]
pub struct Keys {
    /// This account from this address.
    pub place: Vec<u8>,
    /// This address.
    pub address: Vec<u8>,
    /// This account.
    pub account: Vec<u8>,
}

/// What is known before an attempt. Locks the counters until the end of the transaction.
pub async fn load(tx: &mut Tx, keys: &Keys) -> Result<Guess, DbError> {
    tx.serialize(COUNT_LOCK).await?;
    let known = sql("SELECT place FROM known_places WHERE place = $1").bind(&keys.place);
    Ok(Guess {
        known: known.optional(&mut *tx).await?.is_some(),
        place: counter(&mut *tx, &keys.place).await?,
        address: counter(&mut *tx, &keys.address).await?,
        account: counter(tx, &keys.account).await?,
    })
}

async fn counter(tx: &mut Tx, key: &[u8]) -> Result<Counter, DbError> {
    let row = sql("SELECT failures, opens, tried FROM sign_in_failures WHERE counter = $1").bind(key);
    let Some(row) = row.optional(tx).await? else { return Ok(Counter::default()) };
    Ok(Counter {
        failures: row.int("failures")?,
        opens: Timestamp(row.int("opens")?),
        tried: Timestamp(row.int("tried")?),
    })
}

/// Writes the counter of this account from this address.
pub async fn save_place(tx: &mut Tx, keys: &Keys, guess: &Guess) -> Result<(), DbError> {
    write(tx, &keys.place, &guess.place).await
}

/// Writes the counters of the address and of the account, which are not about known addresses.
pub async fn save_both(tx: &mut Tx, keys: &Keys, guess: &Guess) -> Result<(), DbError> {
    if guess.known {
        return Ok(());
    }
    write(&mut *tx, &keys.address, &guess.address).await?;
    write(tx, &keys.account, &guess.account).await
}

async fn write(tx: &mut Tx, key: &[u8], counter: &Counter) -> Result<(), DbError> {
    sql("INSERT INTO sign_in_failures (counter, failures, opens, tried) VALUES ($1, $2, $3, $4)
         ON CONFLICT (counter) DO UPDATE
         SET failures = excluded.failures, opens = excluded.opens, tried = excluded.tried")
    .bind(key)
    .bind(counter.failures)
    .bind(counter.opens)
    .bind(counter.tried)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets the attempts at this account from this address, after a right password.
pub async fn forgive(tx: &mut Tx, keys: &Keys) -> Result<(), DbError> {
    sql("DELETE FROM sign_in_failures WHERE counter = $1").bind(&keys.place).execute(tx).await?;
    Ok(())
}

/// Remembers that an account was used from an address.
pub async fn remember(tx: &mut Tx, keys: &Keys, user: &UserId, now: Timestamp) -> Result<(), DbError> {
    sql("INSERT INTO known_places (place, user_id, used) VALUES ($1, $2, $3)
         ON CONFLICT (place) DO UPDATE SET used = excluded.used")
    .bind(&keys.place)
    .bind(user)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sql("DELETE FROM known_places WHERE user_id = $1 AND place NOT IN
            (SELECT place FROM known_places WHERE user_id = $1 ORDER BY used DESC LIMIT $2)")
    .bind(user)
    .bind(MAX_PLACES)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets counters without an attempt since `tried`, and addresses without use since `used`.
pub async fn purge(tx: &mut Tx, tried: Timestamp, used: Timestamp) -> Result<(), DbError> {
    sql("DELETE FROM sign_in_failures WHERE tried <= $1").bind(tried).execute(&mut *tx).await?;
    sql("DELETE FROM sign_in_failures WHERE tried <=
            (SELECT tried FROM sign_in_failures ORDER BY tried DESC LIMIT 1 OFFSET $1)")
    .bind(MAX_COUNTERS)
    .execute(&mut *tx)
    .await?;
    sql("DELETE FROM known_places WHERE used <= $1").bind(used).execute(tx).await?;
    Ok(())
}
