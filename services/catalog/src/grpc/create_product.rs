//! CreateProduct.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::catalog::v1::{self as pb, CreateProductRequest};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        ids::ProductId,
        product::{HOUSE_SELLER, Product, ProductState},
        rules::check_title,
        slug::slug,
    },
    events::published,
    store::{products, rules},
};

pub async fn answer(catalog: &Catalog, request: Request<CreateProductRequest>) -> Result<pb::Product> {
    let call = Call::of(&request)?.clone();
    let given = request.into_inner().product.unwrap_or_default();
    let seller = if given.seller.is_empty() { HOUSE_SELLER.to_owned() } else { given.seller.clone() };
    call.authorize(&Resource { seller: Some(&seller), ..Resource::default() })?;
    let cause = Cause::of(&call, catalog.clock.as_ref());
    let product = Product {
        id: ProductId::generate(),
        code: code(&given)?,
        seller,
        state: ProductState::Draft,
        content: translate::content("product", given)?,
        version: 1,
        created_at: cause.at,
        updated_at: cause.at,
    };
    let product =
        catalog.db.write((product, cause), |tx, (product, cause)| Box::pin(add(tx, product, cause))).await?;
    Ok(product)
}

/// The given code, or one made from the title. It is always the same for a title, so that a repeated request finds the
/// product it made before instead of making another.
fn code(given: &pb::Product) -> Result<String> {
    if !given.code.is_empty() {
        return Ok(given.code.clone());
    }
    check_title("product", &given.title)?;
    slug(&given.title).ok_or_else(|| {
        Error::invalid("product.code", "cannot be made from the title; give one such as `earl-grey-loose`")
    })
}

async fn add(tx: &mut Tx, product: &Product, cause: &Cause) -> Result<pb::Product> {
    rules::check(&mut *tx, &product.content).await?;
    products::free_code(&mut *tx, &product.code).await?;
    products::add(&mut *tx, &[product]).await?;
    published::product_changed(tx, cause, product).await?;
    Ok(translate::product(product))
}
