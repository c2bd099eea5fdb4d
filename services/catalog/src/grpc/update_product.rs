//! UpdateProduct: replaces what the mask names.

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::caller;
use crate::{
    app::App,
    domain::product::ContentPart,
    ids::ProductId,
    translate,
    usecases::change_product::{self, Update},
};

/// The product as it is then.
pub async fn answer(app: &App, call: &Call, request: pb::UpdateProductRequest) -> Result<pb::Product> {
    let given = request.product.unwrap_or_default();
    if given.name.is_empty() {
        return Err(Error::invalid("product.name", "is empty; name the product to update"));
    }
    let id = ProductId::parse_field("product.name", &given.name)?;
    let seller = caller::authorize(app, call, &id).await?;
    if !given.seller.is_empty() && given.seller != seller {
        return Err(Error::invalid("product.seller", format!("is fixed to `{seller}`; leave it empty")));
    }
    let update = Update {
        id,
        parts: ContentPart::of_mask(&request.update_mask.unwrap_or_default().paths)?,
        etag: given.etag.clone(),
        content: translate::rpc::content("product", given)?,
        cause: Cause::of(call, &*app.clock),
    };
    let product = app.db.write(update, |tx, update| Box::pin(change_product::update(tx, update)));
    Ok(translate::rpc::product(&product.await?))
}
