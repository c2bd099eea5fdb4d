//! Adds a draft.

use shopmesh_kit::{db::Tx, error::Result, events::Cause};

use super::{published, rules};
use crate::{
    domain::{product::Product, slug},
    store::products,
};

/// The product, with a code made of its title if it has none.
///
/// # Errors
/// INVALID_ARGUMENT names what breaks a rule; ALREADY_EXISTS when its code or a SKU is taken.
pub async fn create(tx: &mut Tx, product: &Product, cause: &Cause) -> Result<Product> {
    rules::check(&mut *tx, &product.content).await?;
    let candidates = slug::candidates(product);
    let known = products::by_codes(&mut *tx, &Vec::from_iter(candidates.iter().map(String::as_str))).await?;
    let product = Product { code: slug::choose(product, &candidates, &known)?, ..product.clone() };
    products::write(&mut *tx, &[&product], &[]).await?;
    published::product_changed(tx, cause, &product).await?;
    Ok(product)
}
