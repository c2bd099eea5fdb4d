//! ArchiveProduct: hides a product.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::caller;
use crate::{app::App, ids::ProductId, translate, usecases::change_product};

/// The archived product.
pub async fn answer(app: &App, call: &Call, request: pb::ArchiveProductRequest) -> Result<pb::Product> {
    let id = ProductId::parse(&request.name)?;
    caller::authorize(app, call, &id).await?;
    let data = (id, Cause::of(call, &*app.clock));
    let product = app.db.write(data, |tx, (id, cause)| Box::pin(change_product::archive(tx, id, cause)));
    Ok(translate::rpc::product(&product.await?))
}
