//! CreateProduct: adds a draft.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::catalog::v1 as pb;

use crate::{app::App, domain::product::Product, translate, usecases::create_product};

/// The draft.
pub async fn answer(app: &App, call: &Call, request: pb::CreateProductRequest) -> Result<pb::Product> {
    let given = request.product.unwrap_or_default();
    let seller = translate::rpc::seller(&given.seller);
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    let cause = Cause::of(call, &*app.clock);
    let code = given.code.clone();
    let draft = Product::draft(code, seller, translate::rpc::content("product", given)?, cause.at);
    let data = (draft, cause);
    let made = app.db.write(data, |tx, (draft, cause)| Box::pin(create_product::create(tx, draft, cause)));
    Ok(translate::rpc::product(&made.await?))
}
