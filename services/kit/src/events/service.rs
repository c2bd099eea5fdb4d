//! `EventLogService`: what this service published, for consumers in other processes, and for repair.

use std::time::Duration;

use shopmesh_proto::events::v1::{
    LogEntry, ReadEventsRequest, ReadEventsResponse, event_log_service_server::EventLogService,
};
use tonic::{Request, Response, Status};

use super::LocalLog;
use crate::{db::Db, page};

const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

/// Serves the log of one database.
#[derive(Clone)]
pub struct EventLogApi(LocalLog);

impl EventLogApi {
    /// The log in `db`.
    pub fn new(db: Db) -> Self {
        Self(LocalLog::new(db))
    }
}

#[tonic::async_trait]
impl EventLogService for EventLogApi {
    async fn read_events(
        &self,
        request: Request<ReadEventsRequest>,
    ) -> Result<Response<ReadEventsResponse>, Status> {
        let request = request.into_inner();
        let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
        let wait = Duration::from_millis(u64::try_from(request.wait_ms).unwrap_or(0));
        let events = self.0.page(request.after, size, wait).await?;
        let entry = |(position, event)| LogEntry { position, event: Some(event) };
        Ok(Response::new(ReadEventsResponse { entries: events.into_iter().map(entry).collect() }))
    }
}
