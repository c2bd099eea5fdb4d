//! PublishProduct.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::catalog::v1::{self as pb, PublishProductRequest};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::ids::ProductId,
    events::published,
    store::products::{self, Changed},
};

pub async fn answer(catalog: &Catalog, request: Request<PublishProductRequest>) -> Result<pb::Product> {
    let call = Call::of(&request)?.clone();
    let id = ProductId::parse(&request.get_ref().name)?;
    let seller = products::get(&catalog.db, &id).await?.seller;
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    let cause = Cause::of(&call, catalog.clock.as_ref());
    let product = catalog.db.write((id, cause), |tx, (id, cause)| Box::pin(publish(tx, id, cause))).await?;
    Ok(product)
}

async fn publish(tx: &mut Tx, id: &ProductId, cause: &Cause) -> Result<pb::Product> {
    let before = products::get(&mut *tx, id).await?;
    let mut after = before.clone();
    if after.publish(cause.at)? {
        products::write(&mut *tx, &[], &[Changed { before: &before, after: &after }]).await?;
        published::product_changed(tx, cause, &after).await?;
    }
    Ok(translate::product(&after))
}
