//! What a consumer has received and not yet handled.

use super::{Envelope, type_name};
use crate::{
    BoxFuture,
    clock::{Clock, Timestamp},
    db::{Db, Topic, Tx, sql},
    error::Error,
};
use prost::Message;
use shopmesh_mesh::ServiceName;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How long ids of handled events are kept to drop duplicates.
const KEEP_DONE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Handles the events of some types.
pub trait EventHandler: Send + Sync {
    /// Name of the handler, unique in its service; stored, so it must not change.
    fn name(&self) -> &'static str;

    /// Full message names it wants, such as `shopmesh.orders.v1.OrderPlaced`.
    fn types(&self) -> &'static [&'static str];

    /// Applies one event: SQL only, in the transaction that marks it done. Events of one subject come in order.
    /// After 5 failures the event is parked and later ones flow.
    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<(), Error>>;
}

/// A consumer's inbox; clones share it.
#[derive(Clone)]
pub struct Inbox {
    pub(super) db: Db,
    pub(super) handlers: Arc<[Arc<dyn EventHandler>]>,
    pub(super) clock: Arc<dyn Clock>,
}

/// How far a producer's log has been received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// 0 for nothing yet.
    pub position: i64,
    /// The event at that position; empty if not known.
    pub event_id: String,
}

struct Received {
    event_id: String,
    handler: &'static str,
    subject: String,
    envelope: Vec<u8>,
}

impl Inbox {
    /// The inbox in `db`.
    pub fn new(db: Db, handlers: Vec<Arc<dyn EventHandler>>, clock: Arc<dyn Clock>) -> Self {
        Self { db, handlers: handlers.into(), clock }
    }

    /// The services whose events the handlers want.
    pub fn producers(&self) -> BTreeSet<ServiceName> {
        let types = self.handlers.iter().flat_map(|handler| handler.types());
        types.filter_map(|name| name.split('.').nth(1)?.parse().ok()).collect()
    }

    /// How far `producer`'s log has been received.
    pub(super) async fn reached(&self, producer: ServiceName) -> Result<Reached, Error> {
        let row = sql("SELECT position, event_id FROM kit_cursors WHERE name = $1").bind(cursor(producer));
        let Some(row) = row.optional(&self.db).await? else { return Ok(Reached::default()) };
        Ok(Reached { position: row.int("position")?, event_id: row.text("event_id")? })
    }

    /// Stores a page of a producer's log, for each handler that wants it, with the position it reaches. Received twice
    /// is stored once.
    pub(super) async fn receive(
        &self,
        producer: ServiceName,
        events: Vec<(i64, Envelope)>,
    ) -> Result<(), Error> {
        let Some((position, last)) = events.last() else { return Ok(()) };
        let reached = Reached { position: *position, event_id: last.id.clone() };
        let wanted = self.wanted(&events);
        // A page without interest is not worth a flush to disk: it would only be read again after a restart.
        if wanted.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.db
            .write((wanted, cursor(producer), reached, now), |tx, (wanted, cursor, reached, now)| {
                Box::pin(async move {
                    for received in wanted {
                        store(tx, received, *now).await?;
                    }
                    sql("INSERT INTO kit_cursors (name, position, event_id) VALUES ($1, $2, $3) ON CONFLICT (name) \
                         DO UPDATE SET position = excluded.position, event_id = excluded.event_id \
                         WHERE kit_cursors.position < excluded.position")
                    .bind(cursor)
                    .bind(reached.position)
                    .bind(&reached.event_id)
                    .execute(&mut *tx)
                    .await?;
                    tx.touched.insert(Topic::Inbox);
                    Ok(())
                })
            })
            .await
    }

    fn wanted(&self, events: &[(i64, Envelope)]) -> Vec<Received> {
        let pairs =
            events.iter().flat_map(|(_, event)| self.handlers.iter().map(move |handler| (event, handler)));
        pairs
            .filter(|(event, handler)| handler.types().contains(&type_name(event)))
            .map(|(event, handler)| Received {
                event_id: event.id.clone(),
                handler: handler.name(),
                subject: event.subject.clone(),
                envelope: event.encode_to_vec(),
            })
            .collect()
    }

    /// Gives parked events another chance, as after a release that mends their handler. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn retry_parked(&self) -> Result<u64, Error> {
        self.db
            .write((), |tx, ()| {
                Box::pin(async move {
                    tx.touched.insert(Topic::Inbox);
                    let retried =
                        sql("UPDATE kit_inbox SET state = 0, attempts = 0, due_at = 0 WHERE state = 2");
                    Ok(retried.execute(tx).await?)
                })
            })
            .await
    }

    /// Forgets events that were handled more than 30 days ago.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn purge(&self) -> Result<u64, Error> {
        self.db
            .write(self.clock.now() - KEEP_DONE, |tx, before| {
                Box::pin(async move {
                    let old = sql("DELETE FROM kit_inbox WHERE state = 1 AND received_at < $1").bind(*before);
                    Ok(old.execute(tx).await?)
                })
            })
            .await
    }
}

async fn store(tx: &mut Tx, received: &Received, now: Timestamp) -> Result<(), Error> {
    sql("INSERT INTO kit_inbox (event_id, handler, subject, envelope, state, attempts, due_at, received_at, problem) \
         VALUES ($1, $2, $3, $4, 0, 0, 0, $5, '') ON CONFLICT (event_id, handler) DO NOTHING")
    .bind(&received.event_id)
    .bind(received.handler)
    .bind(&received.subject)
    .bind(&received.envelope)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

fn cursor(producer: ServiceName) -> String {
    format!("log:{producer}")
}
