//! ListOrderEvents: the history of an order, with the hash chain that proves it.

use shopmesh_kit::{error::Result, events};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;

use super::authorized;
use crate::{app::App, translate};

/// All events, oldest first; an order has few.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ListOrderEventsRequest,
) -> Result<pb::ListOrderEventsResponse> {
    let order = authorized::order(app, call, "order", &request.order).await?;
    let history = events::history_of(&app.db, &order.name()).await?;
    let events = history.iter().map(|(envelope, hash)| translate::rpc::event_entry(envelope, hash)).collect();
    Ok(pb::ListOrderEventsResponse { events })
}
