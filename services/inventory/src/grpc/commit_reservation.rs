//! CommitReservation: makes a hold permanent.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    store::reservations,
    workflows::transition::{self, Applied},
};

/// The committed reservation.
pub async fn answer(app: &App, request: Request<pb::CommitReservationRequest>) -> Result<pb::Reservation> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let data = (request.into_inner().owner, cause);
    let applied = app.db.write(data, |tx, (owner, cause)| Box::pin(commit(tx, owner, cause))).await?;
    app.feed.publish(applied.changed);
    Ok(translate::reservation(&applied.reservation))
}

async fn commit(tx: &mut Tx, owner: &str, cause: &Cause) -> Result<Applied> {
    let known = reservations::of_owner(&mut *tx, owner).await?;
    let known = known.ok_or_else(|| Error::not_found(&format!("the reservation of {owner}")))?;
    let transition = known.commit(cause.at)?;
    transition::apply(tx, cause, known, transition).await
}
