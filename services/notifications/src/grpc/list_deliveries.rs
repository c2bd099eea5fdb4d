//! ListDeliveries: a person's own, an operator's all, newest first.

use shopmesh_kit::{
    db::Db,
    error::Error,
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::notifications::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{
    ids::DeliveryId,
    store::deliveries::{self, Filter},
};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// Answers one page of the log.
pub async fn list_deliveries(
    db: &Db,
    request: Request<pb::ListDeliveriesRequest>,
) -> Result<Response<pb::ListDeliveriesResponse>, Status> {
    let recipient = match Call::of(&request)?.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("deliveries are listed by their recipient or an operator").into());
        }
    };
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let subject_resource = Some(request.subject_resource.as_str()).filter(|name| !name.is_empty());
    let fingerprint =
        format!("deliveries to {} about {}", recipient.as_deref().unwrap_or("all"), request.subject_resource);
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let before = before.map(|name| DeliveryId::parse_field("page_token", &name)).transpose()?;
    let filter = Filter { recipient: recipient.as_deref(), subject_resource, before: before.as_ref() };
    let found = deliveries::list(db, &filter, size).await?;
    let (deliveries, next_page_token) = found.show(
        &fingerprint,
        |delivery| delivery.id.name(),
        |delivery| Ok(translate::delivery(delivery)),
    )?;
    Ok(Response::new(pb::ListDeliveriesResponse { deliveries, next_page_token }))
}
