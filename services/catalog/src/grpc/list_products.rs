//! ListProducts.

use shopmesh_kit::{
    error::Result,
    page::{self, PageToken},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1::{ListProductsRequest, ListProductsResponse};
use tonic::Request;

use super::{Catalog, caller, translate};
use crate::{domain::filter, store::products};

const DEFAULT_PAGE: usize = 50;
const MAX_PAGE: usize = 1000;

pub async fn answer(
    catalog: &Catalog,
    request: Request<ListProductsRequest>,
) -> Result<ListProductsResponse> {
    let audience = caller::audience(Call::of(&request)?);
    let request = request.into_inner();
    let restrictions = filter::parse(&request.filter)?;
    let query = format!("ListProducts {audience:?} {restrictions:?}");
    let before = PageToken::decode(&request.page_token, &query)?;
    let size = page::clamp(request.page_size, DEFAULT_PAGE, MAX_PAGE);
    let found = products::list(&catalog.db, &audience, &restrictions, before.as_deref(), size).await?;
    let (products, next_page_token) = found.show(
        &query,
        |product| product.id.as_str().to_owned(),
        |product| Ok(translate::product(product)),
    )?;
    Ok(ListProductsResponse { products, next_page_token })
}
