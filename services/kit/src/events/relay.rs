//! Moves one producer's events into one consumer's inbox.

use super::{EventSource, Inbox};
use crate::error::Error;
use shopmesh_mesh::{ServiceName, net::Drain};
use std::{sync::Arc, time::Duration};

/// Longest wait for news before looking again.
const WAIT: Duration = Duration::from_secs(1);
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LAST_BACKOFF: Duration = Duration::from_secs(5);

/// The way from a producer's log to a consumer's inbox. How far it got is remembered with the inbox.
pub struct Relay {
    producer: ServiceName,
    source: Arc<dyn EventSource>,
    inbox: Inbox,
}

impl Relay {
    /// A relay of `producer`'s events.
    pub fn new(producer: ServiceName, source: Arc<dyn EventSource>, inbox: Inbox) -> Self {
        Self { producer, source, inbox }
    }

    /// Runs until the drain starts. Failures are retried for ever: nothing is skipped.
    pub async fn run(self, drain: Drain) {
        let mut backoff = FIRST_BACKOFF;
        let mut position = None;
        while !drain.is_started() {
            let step = tokio::select! {
                step = self.step(position) => step,
                () = drain.started() => return,
            };
            match step {
                Ok(reached) => {
                    position = Some(reached);
                    backoff = FIRST_BACKOFF;
                }
                Err(error) => {
                    tracing::warn!(producer = %self.producer, %error, "reading events failed; trying again");
                    position = None;
                    tokio::select! {
                        () = tokio::time::sleep(backoff) => backoff = (backoff * 2).min(LAST_BACKOFF),
                        () = drain.started() => return,
                    }
                }
            }
        }
    }

    /// Moves one page; returns the position reached.
    async fn step(&self, position: Option<i64>) -> Result<i64, Error> {
        let position = match position {
            Some(position) => position,
            None => self.inbox.position(self.producer).await?,
        };
        let events = self.source.read(position, WAIT).await?;
        let Some((reached, _)) = events.last() else { return Ok(position) };
        let reached = *reached;
        self.inbox.receive(self.producer, events).await?;
        Ok(reached)
    }
}
