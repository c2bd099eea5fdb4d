//! Published events: appending, reading, verifying.

use prost::{Message, Name};
use prost_types::Any;

use super::{
    Cause, Envelope, TYPE_URL_PREFIX,
    chain::{self, GENESIS},
};
use crate::{
    db::{
        Executor, Topic, Tx,
        tables::events::{self, EventRow, Last},
    },
    error::Error,
    ids,
};

/// Appends a fact about `subject` with the subject's next sequence.
///
/// # Errors
/// Those of the database.
pub async fn append<M: Message + Name>(
    tx: &mut Tx,
    cause: &Cause,
    subject: &str,
    data: &M,
) -> Result<Envelope, Error> {
    let last = last_of(tx, subject).await?;
    insert(tx, cause, subject, last, Any::from_msg(data).map_err(Error::internal)?).await
}

/// As [`append`], of a message that has its type beside it, if the subject's last sequence still is `expected_sequence` (0: it has no event yet).
///
/// # Errors
/// ABORTED, reason `SEQUENCE_MISMATCH`, when events were appended since.
pub async fn append_expecting(
    tx: &mut Tx,
    cause: &Cause,
    subject: &str,
    expected_sequence: i64,
    data: Any,
) -> Result<Envelope, Error> {
    let last = last_of(tx, subject).await?;
    if last.sequence != expected_sequence {
        let problem = format!("{subject} has changed since it was read; read it again and retry");
        return Err(Error::aborted("SEQUENCE_MISMATCH", problem));
    }
    insert(tx, cause, subject, last, data).await
}

async fn last_of(tx: &mut Tx, subject: &str) -> Result<Last, Error> {
    let last = events::last_of(tx, subject).await?;
    Ok(last.unwrap_or_else(|| Last { sequence: 0, hash: GENESIS.to_vec() }))
}

async fn insert(tx: &mut Tx, cause: &Cause, subject: &str, last: Last, data: Any) -> Result<Envelope, Error> {
    let name = data.type_url.strip_prefix(TYPE_URL_PREFIX).unwrap_or(&data.type_url);
    let mut event = EventRow {
        id: format!("evt_{}", ids::new_ulid()),
        // Messages are named shopmesh.<service>.v<n>.<message>.
        source: name.split('.').nth(1).unwrap_or(name).to_owned(),
        subject: subject.to_owned(),
        sequence: last.sequence + 1,
        at: cause.at,
        traceparent: cause.traceparent.clone(),
        causation_id: cause.causation_id.clone(),
        type_url: data.type_url,
        data: data.value,
        prev_hash: last.hash,
        hash: Vec::new(),
    };
    event.hash = chain::hash(&event);
    events::insert(tx, &event).await?;
    tx.touched.insert(Topic::Events);
    Ok(envelope(event))
}

/// All events of a subject in order.
///
/// # Errors
/// Those of the database.
pub async fn stream_of(on: impl Executor, subject: &str) -> Result<Vec<Envelope>, Error> {
    Ok(events::of_subject(on, subject).await?.into_iter().map(envelope).collect())
}

/// All events of a subject in order, each with its link of the hash chain (SHA-256).
///
/// # Errors
/// Those of the database.
pub async fn history_of(on: impl Executor, subject: &str) -> Result<Vec<(Envelope, Vec<u8>)>, Error> {
    let linked = |mut event: EventRow| {
        let hash = std::mem::take(&mut event.hash);
        (envelope(event), hash)
    };
    Ok(events::of_subject(on, subject).await?.into_iter().map(linked).collect())
}

/// The first events of all subjects whose position is greater than `position`, in commit order: as many as a page of
/// `size` holds, none only when there is none.
///
/// # Errors
/// Those of the database.
pub async fn read_after(
    on: impl Executor,
    position: i64,
    size: usize,
) -> Result<Vec<(i64, Envelope)>, Error> {
    let events = events::after(on, position, size).await?;
    Ok(events.into_iter().map(|(position, event)| (position, envelope(event))).collect())
}

/// Recomputes the hash chain of a subject.
///
/// # Errors
/// INTERNAL naming the first event that is missing, out of order or changed.
pub async fn verify_chain(on: impl Executor, subject: &str) -> Result<(), Error> {
    let mut previous = GENESIS.to_vec();
    for (expected, event) in (1_i64..).zip(events::of_subject(on, subject).await?) {
        let broken = |problem| Error::internal(anyhow::anyhow!("event {expected} of {subject}: {problem}"));
        if event.sequence != expected {
            return Err(broken("is missing"));
        }
        if event.prev_hash != previous {
            return Err(broken("does not follow the event before it"));
        }
        if event.hash != chain::hash(&event) {
            return Err(broken("was changed"));
        }
        previous = event.hash;
    }
    Ok(())
}

fn envelope(event: EventRow) -> Envelope {
    Envelope {
        id: event.id,
        source: event.source,
        subject: event.subject,
        sequence: event.sequence,
        time: Some(event.at.to_proto()),
        traceparent: event.traceparent,
        causation_id: event.causation_id,
        data: Some(Any { type_url: event.type_url, value: event.data }),
    }
}
