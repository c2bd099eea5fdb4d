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
        slug,
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
        code: given.code.clone(),
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

async fn add(tx: &mut Tx, product: &Product, cause: &Cause) -> Result<pb::Product> {
    rules::check(&mut *tx, &product.content).await?;
    let product = Product { code: free_code(&mut *tx, product).await?, ..product.clone() };
    products::write(&mut *tx, &[&product], &[]).await?;
    published::product_changed(tx, cause, &product).await?;
    Ok(translate::product(&product))
}

/// The code of the product, which must be free, or one made from its title that is. The same title of the same seller is
/// a repeated request: it answers ALREADY_EXISTS instead of making a second product.
async fn free_code(tx: &mut Tx, product: &Product) -> Result<String> {
    let codes =
        if product.code.is_empty() { slug::codes(product).to_vec() } else { vec![product.code.clone()] };
    let known = products::by_codes(tx, &codes.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let holder = |code: &String| known.iter().find(|known| known.code == *code);
    let is_repeated =
        |known: &Product| known.seller == product.seller && known.content.title == product.content.title;
    let settling = codes.iter().find(|code| holder(code).is_none_or(is_repeated));
    let code = settling.or(codes.last()).unwrap_or(&product.code);
    match holder(code) {
        None => Ok(code.clone()),
        Some(taken) => {
            let problem = format!("has the code `{code}` already; choose another `code`");
            Err(Error::already_exists(&taken.id.name(), problem))
        }
    }
}
