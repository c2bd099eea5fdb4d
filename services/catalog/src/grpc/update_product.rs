//! UpdateProduct.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    etag,
    events::Cause,
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::catalog::v1::{self as pb, UpdateProductRequest};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        ids::ProductId,
        product::{Content, ContentPart},
    },
    events::published,
    store::{
        products::{self, Changed},
        rules,
    },
};

/// A checked request.
struct Update {
    id: ProductId,
    etag: String,
    content: Content,
    parts: Vec<ContentPart>,
    cause: Cause,
}

pub async fn answer(catalog: &Catalog, request: Request<UpdateProductRequest>) -> Result<pb::Product> {
    let call = Call::of(&request)?.clone();
    let UpdateProductRequest { product, update_mask } = request.into_inner();
    let given = product.unwrap_or_default();
    if given.name.is_empty() {
        return Err(Error::invalid("product.name", "is empty; name the product to update"));
    }
    let id = ProductId::parse_field("product.name", &given.name)?;
    // A seller is fixed, so what is decided here holds in the transaction below.
    let seller = products::get(&catalog.db, &id).await?.seller;
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    if !given.seller.is_empty() && given.seller != seller {
        return Err(Error::invalid("product.seller", format!("is fixed to `{seller}`; leave it empty")));
    }
    let update = Update {
        parts: ContentPart::of_mask(&update_mask.unwrap_or_default().paths)?,
        etag: given.etag.clone(),
        content: translate::content("product", given)?,
        cause: Cause::of(&call, catalog.clock.as_ref()),
        id,
    };
    let product = catalog.db.write(update, |tx, update| Box::pin(apply(tx, update))).await?;
    Ok(product)
}

async fn apply(tx: &mut Tx, update: &Update) -> Result<pb::Product> {
    let before = products::get(&mut *tx, &update.id).await?;
    etag::check(&update.etag, before.version)?;
    let mut content = before.content.clone();
    content.merge(update.content.clone(), &update.parts);
    rules::check(&mut *tx, &content).await?;
    let mut after = before.clone();
    if after.revise(content, update.cause.at)? {
        products::write(&mut *tx, &[], &[Changed { before: &before, after: &after }]).await?;
        published::product_changed(tx, &update.cause, &after).await?;
    }
    Ok(translate::product(&after))
}
