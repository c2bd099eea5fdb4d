//! ListMovements: what happened to a variant's units, newest first.

use shopmesh_kit::{
    error::Result,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::inventory::v1 as pb;

use crate::{
    app::App,
    store::{movements, variants},
    translate,
};

/// One page, for the seller of the variant and for operators.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ListMovementsRequest,
) -> Result<pb::ListMovementsResponse> {
    let variant = request.variant.as_str();
    let sellers = variants::sellers(&app.db, &[variant]).await?;
    let seller = sellers.get(variant).map(String::as_str);
    call.authorize(&Resource { seller, ..Resource::default() })?;
    let query = format!("movements {variant}");
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let found = movements::list(&app.db, variant, page.cursor(), page.size).await?;
    let (movements, next_page_token) = page.show(
        found,
        |movement| movement.id.as_str().to_owned(),
        |movement| Ok(translate::rpc::movement(movement)),
    )?;
    Ok(pb::ListMovementsResponse { movements, next_page_token })
}
