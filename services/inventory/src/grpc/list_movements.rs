//! ListMovements, newest first.

use super::translate;
use crate::{App, store::stock};
use shopmesh_kit::page::{PageToken, clamp};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1::{ListMovementsRequest, ListMovementsResponse};
use tonic::{Request, Response, Status};

/// Sorts after every id.
const TOP: &str = "~";

pub async fn list_movements(
    app: &App,
    request: Request<ListMovementsRequest>,
) -> Result<Response<ListMovementsResponse>, Status> {
    let call = Call::of(&request)?.clone();
    let request = request.into_inner();
    let seller = stock::seller_of(&app.db, &request.variant).await?;
    call.authorize(&Resource { seller: seller.as_deref(), ..Resource::default() })?;
    let fingerprint = format!("movements {}", request.variant);
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let size = clamp(request.page_size, 50, 1000);
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = stock::movements(&app.db, &request.variant, before.as_deref().unwrap_or(TOP), limit).await?;
    let next_page_token = match rows.last() {
        Some(last) if rows.len() == size => PageToken::encode(&fingerprint, &last.id.name()),
        _ => String::new(),
    };
    let movements = rows.into_iter().map(translate::movement).collect();
    Ok(Response::new(ListMovementsResponse { movements, next_page_token }))
}
