//! Reserve, CommitReservation, ReleaseReservation, FulfillReservation.

use super::translate;
use crate::{
    App,
    domain::{allocation, reservation::Verb},
    store::reservations,
};
use shopmesh_kit::{clock::Timestamp, error::Error, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1::{Reservation, ReserveRequest};
use std::{collections::BTreeMap, time::Duration};
use tonic::{Request, Response, Status};

/// How long a hold may last.
const TTL: std::ops::RangeInclusive<Duration> = Duration::from_secs(30)..=Duration::from_secs(3600);

struct Wish {
    owner: String,
    lines: BTreeMap<String, i64>,
    expires: Timestamp,
    cause: Cause,
}

pub async fn reserve(app: &App, request: Request<ReserveRequest>) -> Result<Response<Reservation>, Status> {
    let cause = Cause::of(Call::of(&request)?, app.clock.as_ref());
    let request = request.into_inner();
    let ttl = request.ttl.and_then(|ttl| Duration::try_from(ttl).ok()).filter(|ttl| TTL.contains(ttl));
    let ttl = ttl.ok_or_else(|| Error::invalid("ttl", "must be between 30 s and 60 min"))?;
    let lines = allocation::summed(request.lines.into_iter().map(|line| (line.variant, line.quantity)));
    let lines = lines.ok_or_else(|| Error::invalid("lines", "ask for more units than there are numbers"))?;
    let variants: Vec<String> = lines.keys().cloned().collect();
    let wish = Wish { owner: request.owner, lines, expires: cause.at + ttl, cause };
    let reservation = app
        .db
        .write(wish, |tx, wish| {
            Box::pin(reservations::reserve(tx, &wish.owner, &wish.lines, wish.expires, &wish.cause))
        })
        .await?;
    app.changes.announce(variants);
    Ok(Response::new(translate::reservation(reservation)))
}

/// Applies a verb to the reservation of `owner`.
pub async fn apply<T>(
    app: &App,
    request: &Request<T>,
    owner: String,
    verb: Verb,
) -> Result<Response<Reservation>, Status> {
    let cause = Cause::of(Call::of(request)?, app.clock.as_ref());
    let (reservation, changed) = app
        .db
        .write((owner, verb, cause), |tx, (owner, verb, cause)| {
            Box::pin(reservations::apply(tx, owner, *verb, cause))
        })
        .await?;
    if changed {
        app.changes.announce(reservation.units.iter().map(|units| units.variant.clone()));
    }
    Ok(Response::new(translate::reservation(reservation)))
}
