//! ReadRevocations: what the verifiers of other services must refuse.

use std::time::Duration;

use shopmesh_kit::{db::Topic, error::Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, store::revocations, translate};

const DEFAULT_PAGE: i32 = 100;

/// The entries after a position, waiting for a first one as long as the request says.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::ReadRevocationsRequest,
) -> Result<pb::ReadRevocationsResponse> {
    let pb::ReadRevocationsRequest { after, page_size, wait_ms } = request;
    let limit = i64::from(if page_size == 0 { DEFAULT_PAGE } else { page_size });
    // Each revocation comes with an event; one that another process commits is seen by the second look.
    let mut committed = app.db.committed(Topic::Events);
    let mut found = revocations::after(&app.db, after, limit).await?;
    if found.is_empty() && wait_ms > 0 {
        let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
        let _ = tokio::time::timeout(wait, committed.changed()).await;
        found = revocations::after(&app.db, after, limit).await?;
    }
    let revocations = found.into_iter().map(translate::rpc::revocation).collect();
    Ok(pb::ReadRevocationsResponse { revocations })
}
