//! Events, in the transaction of what they tell.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};

use crate::{domain::product::Product, translate};

/// A product is new or changed: tells its whole new state.
pub async fn product_changed(tx: &mut Tx, cause: &Cause, product: &Product) -> Result<()> {
    let data = translate::events::product_changed(product);
    events::append(tx, cause, &product.id.name(), &data).await?;
    Ok(())
}
