//! MoveCategory.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};
use shopmesh_proto::catalog::v1::{self as pb, MoveCategoryRequest};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{category, ids::CategoryId},
    store::categories,
};

pub async fn answer(catalog: &Catalog, request: Request<MoveCategoryRequest>) -> Result<pb::Category> {
    let request = request.into_inner();
    let ids = (CategoryId::parse(&request.name)?, translate::optional_category("parent", &request.parent)?);
    let moved = catalog.db.write(ids, |tx, (id, parent)| Box::pin(relocate(tx, id, parent.as_ref()))).await?;
    Ok(moved)
}

async fn relocate(tx: &mut Tx, id: &CategoryId, parent: Option<&CategoryId>) -> Result<pb::Category> {
    let moved = categories::get(&mut *tx, id).await?;
    if moved.parent.as_ref() == parent {
        return Ok(translate::category(&moved));
    }
    let under = match parent {
        None => None,
        Some(parent) => Some(categories::find(&mut *tx, parent).await?.ok_or_else(|| {
            Error::invalid("parent", format!("`{parent}` does not exist; create it first"))
        })?),
    };
    let height = categories::height(&mut *tx, &moved).await?;
    let place = category::plan_move(&moved, height, under.as_ref())?;
    categories::free_code(&mut *tx, parent, &moved.code).await?;
    categories::relocate(&mut *tx, &moved, parent, &place).await?;
    Ok(translate::category(&categories::get(tx, id).await?))
}
