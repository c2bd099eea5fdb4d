//! GetProduct.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1::{GetProductRequest, Product};
use tonic::Request;

use super::{Catalog, caller, translate};
use crate::{domain::ids::ProductId, store::products};

pub async fn answer(catalog: &Catalog, request: Request<GetProductRequest>) -> Result<Product> {
    let audience = caller::audience(Call::of(&request)?);
    let name = &request.get_ref().name;
    let product = products::get(&catalog.db, &ProductId::parse(name)?).await?;
    if !audience.sees(&product) {
        return Err(Error::not_found(name));
    }
    Ok(translate::product(&product))
}
