//! GetProduct: one that the caller sees.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::caller;
use crate::{app::App, ids::ProductId, store::products, translate};

/// The product.
pub async fn answer(app: &App, call: &Call, request: pb::GetProductRequest) -> Result<pb::Product> {
    let product = products::get(&app.db, &ProductId::parse(&request.name)?).await?;
    if !caller::audience(call).sees(&product) {
        return Err(Error::not_found(&request.name));
    }
    Ok(translate::rpc::product(&product))
}
