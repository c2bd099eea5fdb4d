//! What a consumer has received and not yet handled.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use prost::Message;
use shopmesh_mesh::ServiceName;

use super::{Envelope, type_name};
use crate::{
    BoxFuture,
    clock::Clock,
    db::{
        Db, Topic, Tx,
        tables::{
            cursors::{self, Cursor},
            inbox::{self, Received},
        },
    },
    error::Error,
};

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
    pub(super) async fn reached(&self, producer: ServiceName) -> Result<Cursor, Error> {
        Ok(cursors::get(&self.db, &cursor(producer)).await?.unwrap_or_default())
    }

    /// Stores a page of a producer's log, for each handler that wants it, with the position it reaches. Received twice
    /// is stored once.
    pub(super) async fn receive(
        &self,
        producer: ServiceName,
        events: Vec<(i64, Envelope)>,
    ) -> Result<(), Error> {
        let Some((position, last)) = events.last() else { return Ok(()) };
        let reached = Cursor { position: *position, event_id: last.id.clone() };
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
                        inbox::insert(tx, received, *now).await?;
                    }
                    cursors::advance(tx, cursor, reached).await?;
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
                    Ok(inbox::unpark(tx).await?)
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
                Box::pin(async move { Ok(inbox::delete_done(tx, *before).await?) })
            })
            .await
    }
}

fn cursor(producer: ServiceName) -> String {
    format!("log:{producer}")
}
