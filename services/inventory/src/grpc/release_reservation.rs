//! ReleaseReservation: gives all units back, and bars an owner that has not reserved yet.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    domain::reservation::Reservation,
    store::reservations,
    workflows::transition::{self, Applied},
};

/// The released reservation, or how it had ended.
pub async fn answer(app: &App, request: Request<pb::ReleaseReservationRequest>) -> Result<pb::Reservation> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let data = (request.into_inner().owner, cause);
    let applied = app.db.write(data, |tx, (owner, cause)| Box::pin(release(tx, owner, cause))).await?;
    app.feed.publish(applied.changed);
    Ok(translate::reservation(&applied.reservation))
}

async fn release(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Applied> {
    let Some(known) = reservations::of_owner(&mut *tx, owner).await? else {
        let barred = Reservation::barred(owner, cause.at);
        reservations::insert(tx, &barred, cause.at).await?;
        return Ok(Applied::nothing(barred));
    };
    let transition = known.release();
    transition::apply(tx, cause, known, transition).await
}
