//! ListProducts: those that the caller sees, newest first.

use shopmesh_kit::{
    error::Result,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::caller;
use crate::{app::App, domain::filter, store::products, translate};

/// One page.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ListProductsRequest,
) -> Result<pb::ListProductsResponse> {
    let audience = caller::audience(call);
    let restrictions = filter::parse(&request.filter)?;
    let query = format!("products {audience:?} {restrictions:?}");
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let found = products::list(&app.db, &audience, &restrictions, page.cursor(), page.size).await?;
    let (products, next_page_token) = page.show(
        found,
        |product| product.id.as_str().to_owned(),
        |product| Ok(translate::rpc::product(product)),
    )?;
    Ok(pb::ListProductsResponse { products, next_page_token })
}
