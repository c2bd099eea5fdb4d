//! ReleaseReservation: gives all units back, and bars an owner that has not reserved yet.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{app::App, translate, usecases::reservations};

/// The released reservation, or how it had ended.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ReleaseReservationRequest,
) -> Result<pb::Reservation> {
    let data = (request.owner, Cause::of(call, &*app.clock));
    let applied = app.db.write(data, |tx, (owner, cause)| Box::pin(reservations::release(tx, owner, cause)));
    let applied = applied.await?;
    app.feed.publish(applied.changed);
    Ok(translate::rpc::reservation(&applied.reservation))
}
