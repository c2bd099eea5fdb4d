//! Repeated requests: the saved reply of a request id, kept in the transaction of its effect.
//!
//! In a write: `if let Some(reply) = saved_reply(tx, key).await? { return Ok(reply) }`, the effect, then [`save`].

use std::time::Duration;

use prost::Message;
use ring::digest::{SHA256, digest};
use shopmesh_mesh::server::Call;

use crate::{
    clock::{Clock, Timestamp},
    db::{
        Db, Tx,
        tables::idempotency::{self, RequestKey, SavedReply},
    },
    error::Error,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a reply is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Requests that move money: 30 days.
    Money,
    /// All others: 7 days.
    Standard,
}

impl Keep {
    fn time(self) -> Duration {
        match self {
            Self::Money => DAY * 30,
            Self::Standard => DAY * 7,
        }
    }
}

/// Identifies one request of one caller.
#[derive(Clone, Debug)]
pub struct Key {
    request: RequestKey,
    request_hash: Vec<u8>,
    lock: i64,
}

impl Key {
    /// The key of `request_id`, which the caller gave with `request`.
    pub fn of(call: &Call, request_id: &str, request: &impl Message) -> Self {
        Self::new(call.principal_key(), &call.policy.path, request_id, request)
    }

    /// The key of `request_id`, given by `principal` to `method` with the body `request`. With an empty `request_id`
    /// nothing is saved or found.
    pub fn new(
        principal: impl Into<String>,
        method: impl Into<String>,
        request_id: impl Into<String>,
        request: &impl Message,
    ) -> Self {
        let (principal, method, request_id) = (principal.into(), method.into(), request_id.into());
        let request_hash = digest(&SHA256, &request.encode_to_vec()).as_ref().to_vec();
        // Keys that share a lock by chance only wait for one another.
        let name: String = format!("{principal}\n{method}\n{request_id}");
        let lock = digest(&SHA256, name.as_bytes());
        let lock = lock.as_ref()[..8].iter().fold(0, |lock, byte| (lock << 8) | i64::from(*byte));
        Self { request: RequestKey { principal, method, request_id }, request_hash, lock }
    }
}

/// The reply saved for this request, if it was answered before. Waits for a transaction that is answering it.
///
/// # Errors
/// INVALID_ARGUMENT, reason `IDEMPOTENCY_KEY_REUSED`, when the id was used with another body.
pub async fn saved_reply<R: Message + Default>(tx: &mut Tx, key: &Key) -> Result<Option<R>, Error> {
    if key.request.request_id.is_empty() {
        return Ok(None);
    }
    tx.serialize(key.lock).await?;
    let Some(saved) = idempotency::get(tx, &key.request).await? else { return Ok(None) };
    if saved.request_hash != key.request_hash {
        return Err(Error::invalid_reason(
            "IDEMPOTENCY_KEY_REUSED",
            "request_id",
            "was used before with another request; choose a new one",
        ));
    }
    R::decode(saved.reply.as_slice()).map(Some).map_err(Error::internal)
}

/// Saves the reply of a request that [`saved_reply`] did not know, in the same transaction.
///
/// # Errors
/// Those of the database.
pub async fn save<R: Message>(
    tx: &mut Tx,
    key: &Key,
    reply: &R,
    keep: Keep,
    now: Timestamp,
) -> Result<(), Error> {
    if key.request.request_id.is_empty() {
        return Ok(());
    }
    let saved = SavedReply { request_hash: key.request_hash.clone(), reply: reply.encode_to_vec() };
    Ok(idempotency::insert(tx, &key.request, saved, now + keep.time()).await?)
}

/// Deletes replies whose time is over; returns how many.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, clock: &dyn Clock) -> Result<u64, Error> {
    db.write(clock.now(), |tx, now| Box::pin(async move { Ok(idempotency::delete_expired(tx, *now).await?) }))
        .await
}

#[cfg(test)]
mod tests;
