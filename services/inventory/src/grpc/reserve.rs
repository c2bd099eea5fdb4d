//! Reserve: holds units for every line, or none.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{
    app::App,
    translate,
    usecases::reserve::{self, Hold},
};

/// The reservation of the owner, now or from an earlier call.
pub async fn answer(app: &App, call: &Call, request: pb::ReserveRequest) -> Result<pb::Reservation> {
    let cause = Cause::of(call, &*app.clock);
    let expires = cause.at + translate::rpc::ttl(request.ttl)?;
    let wanted = translate::rpc::wanted(&request.lines);
    let hold = Hold { wanted, owner: request.owner, expires, cause };
    let applied = app.db.write(hold, |tx, hold| Box::pin(reserve::reserve(tx, hold))).await?;
    app.feed.publish(applied.changed);
    Ok(translate::rpc::reservation(&applied.reservation))
}
