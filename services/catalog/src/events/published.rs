//! ProductChanged: one event for every change of a product, in the transaction of the change.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    events::{self, Cause},
};
use shopmesh_proto::catalog::v1::ProductChanged;

use crate::{domain::product::Product, grpc::translate};

/// Appends the whole new state of `product`.
pub async fn product_changed(tx: &mut Tx, cause: &Cause, product: &Product) -> Result<()> {
    let changed = ProductChanged { product: Some(translate::product(product)) };
    events::append(tx, cause, &product.id.name(), &changed).await?;
    Ok(())
}
