//! Hands received events to their handlers: in order per subject, subjects side by side, failures retried then parked.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use prost::Message;
use shopmesh_mesh::{net::Drain, telemetry::trace};

use super::{Envelope, EventHandler, Inbox};
use crate::{
    Backoff,
    db::{
        Topic,
        tables::inbox::{self, Failure, InboxState, Pending},
    },
    error::{Error, ErrorKind},
};

/// Failures after which an event is parked.
pub const MAX_ATTEMPTS: i64 = 5;
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(100), factor: 4.0, longest: Duration::from_millis(25_600) };
/// Subjects handled side by side; their transactions share commits.
const CONCURRENCY: usize = 32;
/// Events looked at in one go.
const WINDOW: usize = 256;
/// Longest pause before looking again, whatever was announced.
const NET: Duration = Duration::from_secs(1);

/// The worker of an [`Inbox`].
pub struct Processor(Inbox);

impl Processor {
    /// The worker of `inbox`. Run one per inbox.
    pub fn new(inbox: Inbox) -> Self {
        Self(inbox)
    }

    /// Runs until the drain starts; an event that is being handled is finished.
    pub async fn run(self, drain: Drain) {
        let mut received = self.0.db.committed(Topic::Inbox);
        while !drain.is_started() {
            received.mark_unchanged();
            let pause = match self.handle_due(&drain).await {
                Ok(0) => NET,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "reading the inbox failed; trying again");
                    NET
                }
            };
            tokio::select! {
                () = tokio::time::sleep(self.until_next(pause).await) => {}
                Ok(()) = received.changed() => {}
                () = drain.started() => return,
            }
        }
    }

    /// Handles what is due; returns how many events it tried.
    pub(super) async fn handle_due(&self, drain: &Drain) -> Result<usize, Error> {
        let now = self.0.clock.now();
        // What they hold is read when their turn comes.
        let due = inbox::due(&self.0.db, now, WINDOW).await?;
        let tried = due.len();
        let mut lanes: HashMap<(String, String), Vec<Pending>> = HashMap::new();
        for pending in due {
            lanes.entry((pending.handler.clone(), pending.subject.clone())).or_default().push(pending);
        }
        stream::iter(lanes.into_values())
            .for_each_concurrent(CONCURRENCY, |lane| async move {
                for pending in lane {
                    if drain.is_started() || !self.handle(pending).await {
                        break;
                    }
                }
            })
            .await;
        Ok(tried)
    }

    /// Time until the next attempt, at most `pause`.
    async fn until_next(&self, pause: Duration) -> Duration {
        let next = inbox::next_due(&self.0.db).await.ok().flatten();
        next.map_or(pause, |due| due.since(self.0.clock.now()).clamp(Duration::from_millis(10), pause))
    }

    /// Handles one event; `false` when later ones of its lane must wait.
    async fn handle(&self, pending: Pending) -> bool {
        let Some(handler) = self.0.handlers.iter().find(|handler| handler.name() == pending.handler) else {
            return self
                .failed(&pending, &Error::internal(anyhow::anyhow!("this version has no such handler")))
                .await;
        };
        match self.apply(handler.clone(), &pending).await {
            Ok(()) => true,
            Err(error) => self.failed(&pending, &error).await,
        }
    }

    /// The handler's effect and the mark that it is done, in one transaction.
    async fn apply(&self, handler: Arc<dyn EventHandler>, pending: &Pending) -> Result<(), Error> {
        // Nothing: another worker has done it.
        let Some(envelope) = inbox::envelope(&self.0.db, pending.position).await? else { return Ok(()) };
        let event = Envelope::decode(envelope.as_slice()).map_err(Error::internal)?;
        let (name, id) = (handler.name(), event.id.clone());
        let trace = trace::trace_id(&event.traceparent).to_owned();
        self.0
            .db
            .write((handler, event, pending.position), |tx, (handler, event, position)| {
                Box::pin(async move {
                    // If not, another worker has done it.
                    if inbox::finish(tx, *position).await? {
                        handler.handle(tx, event).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
        tracing::info!(handler = name, event = id, trace, "event handled");
        Ok(())
    }

    /// Records a failure; `true` when the event was parked and its lane may go on.
    async fn failed(&self, pending: &Pending, error: &Error) -> bool {
        // A busy database is not the event's fault.
        let attempts = pending.attempts + i64::from(error.kind() != ErrorKind::Unavailable);
        let park = attempts >= MAX_ATTEMPTS;
        let Pending { position, handler, subject, .. } = pending;
        if park {
            tracing::error!(handler, subject, position, %error, "an event was parked");
        } else {
            tracing::warn!(handler, subject, position, attempts, %error, "handling an event failed; trying again");
        }
        let due = self.0.clock.now() + BACKOFF.after(u32::try_from(attempts - 1).unwrap_or(0));
        let failure = Failure {
            position: *position,
            attempts,
            state: if park { InboxState::Parked } else { InboxState::Pending },
            due_at: due,
            problem: error.to_string(),
        };
        let recorded = self.0.db.write(failure, |tx, failure| {
            Box::pin(async move { inbox::fail(tx, failure).await.map_err(Error::from) })
        });
        if let Err(error) = recorded.await {
            tracing::warn!(%error, "recording the failure of an event failed");
            tokio::time::sleep(NET).await;
            return false;
        }
        park
    }
}
