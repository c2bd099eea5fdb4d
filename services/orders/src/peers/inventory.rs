//! Holds in the inventory, one per checkout.

use std::{collections::BTreeMap, time::Duration};

use shopmesh_proto::inventory::v1::{
    BatchGetAvailabilityRequest, CommitReservationRequest, FulfillReservationRequest,
    ReleaseReservationRequest,
};
use tonic::Status;

use super::Peers;
use crate::{domain::line::Line, translate};

impl Peers {
    /// Holds the units of every line, or none.
    pub async fn reserve(&self, checkout: &str, lines: &[Line], hold: Duration) -> Result<(), Status> {
        let request = translate::peers::reserve(checkout, lines, hold);
        self.reservations.clone().reserve(request).await.map(drop)
    }

    /// Units that can be bought of each variant.
    pub async fn available(&self, variants: Vec<String>) -> Result<BTreeMap<String, i64>, Status> {
        let request = BatchGetAvailabilityRequest { variants };
        let answer = self.reservations.clone().batch_get_availability(request).await?.into_inner();
        Ok(translate::peers::available(answer))
    }

    /// Allocates the held units for good.
    pub async fn commit(&self, checkout: &str) -> Result<(), Status> {
        let request = CommitReservationRequest { owner: checkout.to_owned() };
        self.reservations.clone().commit_reservation(request).await.map(drop)
    }

    /// Gives the units back, held, allocated or still to be held.
    pub async fn release(&self, checkout: &str) -> Result<(), Status> {
        let request = ReleaseReservationRequest { owner: checkout.to_owned() };
        self.reservations.clone().release_reservation(request).await.map(drop)
    }

    /// Takes the allocated units out of stock.
    pub async fn fulfill(&self, checkout: &str) -> Result<(), Status> {
        let request = FulfillReservationRequest { owner: checkout.to_owned() };
        self.reservations.clone().fulfill_reservation(request).await.map(drop)
    }
}
