//! Where a relay reads a producer's log: in the same process, or over the mesh.

use std::time::Duration;

use shopmesh_mesh::client::MeshChannel;
use shopmesh_proto::events::v1::{ReadEventsRequest, event_log_service_client::EventLogServiceClient};

use super::{Envelope, stream::read_after};
use crate::{
    BoxFuture,
    db::{Db, Topic},
    error::Error,
};

/// Events read at once.
const PAGE: u16 = 500;

/// Largest page of a log elsewhere: it may be one event of any size, which a call may bring.
const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// A producer's log.
pub trait EventSource: Send + Sync {
    /// Events after `position` in commit order; waits up to `wait` for a first one.
    fn read(&self, position: i64, wait: Duration) -> BoxFuture<'_, Result<Vec<(i64, Envelope)>, Error>>;
}

/// The log of a service in this process.
#[derive(Clone)]
pub struct LocalLog(Db);

impl LocalLog {
    /// The log in `db`.
    pub fn new(db: Db) -> Self {
        Self(db)
    }

    /// As [`EventSource::read`], with a page size of the caller's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn page(
        &self,
        position: i64,
        size: usize,
        wait: Duration,
    ) -> Result<Vec<(i64, Envelope)>, Error> {
        let mut committed = self.0.committed(Topic::Events);
        let events = read_after(&self.0, position, size).await?;
        if !events.is_empty() || wait.is_zero() {
            return Ok(events);
        }
        // Woken or not, the second look decides.
        let _ = tokio::time::timeout(wait, committed.changed()).await;
        read_after(&self.0, position, size).await
    }
}

impl EventSource for LocalLog {
    fn read(&self, position: i64, wait: Duration) -> BoxFuture<'_, Result<Vec<(i64, Envelope)>, Error>> {
        Box::pin(self.page(position, usize::from(PAGE), wait))
    }
}

/// The log of a service in another process, read from its `EventLogService`.
#[derive(Clone)]
pub struct RemoteLog(EventLogServiceClient<MeshChannel>);

impl RemoteLog {
    /// The log behind `channel`.
    pub fn new(channel: MeshChannel) -> Self {
        Self(EventLogServiceClient::new(channel).max_decoding_message_size(MAX_PAGE_BYTES))
    }
}

impl EventSource for RemoteLog {
    fn read(&self, position: i64, wait: Duration) -> BoxFuture<'_, Result<Vec<(i64, Envelope)>, Error>> {
        let mut client = self.0.clone();
        let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        Box::pin(async move {
            let request = ReadEventsRequest { after: position, page_size: i32::from(PAGE), wait_ms };
            let reply = client.read_events(request).await?.into_inner();
            Ok(reply.entries.into_iter().filter_map(|entry| Some((entry.position, entry.event?))).collect())
        })
    }
}
