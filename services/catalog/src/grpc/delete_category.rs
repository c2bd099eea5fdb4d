//! DeleteCategory.

use shopmesh_kit::error::Result;
use shopmesh_proto::catalog::v1::DeleteCategoryRequest;
use tonic::Request;

use super::Catalog;
use crate::{domain::ids::CategoryId, store::categories};

pub async fn answer(catalog: &Catalog, request: Request<DeleteCategoryRequest>) -> Result<()> {
    let id = CategoryId::parse(&request.get_ref().name)?;
    catalog.db.write(id, |tx, id| Box::pin(categories::delete_empty(tx, id))).await
}
