//! ListMovements: what happened to a variant's units, newest first.

use shopmesh_kit::{
    error::Result,
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    store::{movements, variants},
};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// One page, for the seller of the variant and for operators.
pub async fn answer(
    app: &App,
    request: Request<pb::ListMovementsRequest>,
) -> Result<pb::ListMovementsResponse> {
    let call = Call::of(&request)?;
    let variant = &request.get_ref().variant;
    let sellers = variants::sellers(&app.db, &[variant]).await?;
    let seller = sellers.get(variant).map(String::as_str);
    call.authorize(&Resource { seller, ..Resource::default() })?;
    let size = page::clamp(request.get_ref().page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let fingerprint = format!("movements {variant}");
    let before = PageToken::decode(&request.get_ref().page_token, &fingerprint)?;
    let found = movements::list(&app.db, variant, before.as_deref(), size).await?;
    let (movements, next_page_token) = found.show(
        &fingerprint,
        |movement| movement.id.as_str().to_owned(),
        |movement| Ok(translate::movement(movement)),
    )?;
    Ok(pb::ListMovementsResponse { movements, next_page_token })
}
