//! Moves one producer's events into one consumer's inbox.

use std::{sync::Arc, time::Duration};

use shopmesh_mesh::{ServiceName, net::Drain, server::HealthHandle};

use super::{Envelope, EventSource, Inbox};
use crate::{Backoff, error::Error};

/// Longest wait for news before looking again.
const WAIT: Duration = Duration::from_secs(1);
/// Why a producer that lost events is not read.
pub const EVENTS_LOST: &str = "EVENTS_LOST";
const BACKOFF: Backoff = Backoff::doubling(Duration::from_millis(100), Duration::from_secs(5));

/// The way from a producer's log to a consumer's inbox. How far it got is remembered with the inbox.
pub struct Relay {
    producer: ServiceName,
    source: Arc<dyn EventSource>,
    inbox: Inbox,
    health: Option<HealthHandle>,
}

impl Relay {
    /// A relay of `producer`'s events.
    pub fn new(producer: ServiceName, source: Arc<dyn EventSource>, inbox: Inbox) -> Self {
        Self { producer, source, inbox, health: None }
    }

    /// Tells `health` of events that the producer has lost.
    #[must_use]
    pub fn reporting_to(self, health: HealthHandle) -> Self {
        Self { health: Some(health), ..self }
    }

    /// Runs until the drain starts. Failures are retried for ever: nothing is skipped.
    pub async fn run(self, drain: Drain) {
        let mut failures = 0;
        let mut position = None;
        while !drain.is_started() {
            let step = tokio::select! {
                step = self.step(position) => step,
                () = drain.started() => return,
            };
            match step {
                Ok(reached) => {
                    if position.is_none() {
                        self.report(None);
                    }
                    position = Some(reached);
                    failures = 0;
                }
                Err(error) => {
                    if error.reason() == EVENTS_LOST {
                        self.report(Some(format!(
                            "events of {} are lost: restore its database",
                            self.producer
                        )));
                    }
                    tracing::warn!(producer = %self.producer, %error, "reading events failed; trying again");
                    position = None;
                    tokio::select! {
                        () = tokio::time::sleep(BACKOFF.after(failures)) => failures += 1,
                        () = drain.started() => return,
                    }
                }
            }
        }
    }

    fn report(&self, problem: Option<String>) {
        if let Some(health) = &self.health {
            health.report(self.producer.as_str(), problem);
        }
    }

    /// The position to go on from.
    ///
    /// # Errors
    /// INTERNAL, reason `EVENTS_LOST`, when the producer's log does not hold what was received from it: it was emptied, or is
    /// an older copy. Reading on would take new events for old ones, and skip them.
    pub async fn resume(&self) -> Result<i64, Error> {
        let reached = self.inbox.reached(self.producer).await?;
        if reached.position == 0 {
            return Ok(0);
        }
        let there = self.source.read(reached.position - 1, Duration::ZERO).await?;
        let is_same = |(position, event): &(i64, Envelope)| {
            *position == reached.position && (reached.event_id.is_empty() || reached.event_id == event.id)
        };
        if there.first().is_some_and(is_same) {
            return Ok(reached.position);
        }
        let (producer, position) = (self.producer, reached.position);
        Err(Error::internal(anyhow::anyhow!(
            "the event log of {producer} does not hold event {position}, which was received from it: \
             restore the database of {producer} from its latest backup, or both databases from one time"
        ))
        .with_reason(EVENTS_LOST))
    }

    /// Moves one page; returns the position reached.
    async fn step(&self, position: Option<i64>) -> Result<i64, Error> {
        let position = match position {
            Some(position) => position,
            None => self.resume().await?,
        };
        let events = self.source.read(position, WAIT).await?;
        let Some((reached, _)) = events.last() else { return Ok(position) };
        let reached = *reached;
        self.inbox.receive(self.producer, events).await?;
        Ok(reached)
    }
}
