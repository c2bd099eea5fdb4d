//! ProductChanged: the catalog tells who sells which variants. A variant keeps its seller when it is taken out of its
//! product, since its units still lie where they are.

use std::collections::HashSet;

use shopmesh_kit::{
    BoxFuture,
    db::Tx,
    error::Result,
    events::{self, Envelope, EventHandler},
};
use shopmesh_proto::catalog::v1::ProductChanged;

use crate::store::variants;

/// The consumer.
pub struct OnProductChanged;

impl EventHandler for OnProductChanged {
    fn name(&self) -> &'static str {
        "on_product_changed"
    }

    fn types(&self) -> &'static [&'static str] {
        &["shopmesh.catalog.v1.ProductChanged"]
    }

    fn handle<'t>(&'t self, tx: &'t mut Tx, event: &'t Envelope) -> BoxFuture<'t, Result<()>> {
        Box::pin(async move {
            let product = events::decode::<ProductChanged>(event)?.and_then(|changed| changed.product);
            let Some(product) = product else { return Ok(()) };
            let names: HashSet<&str> = product.variants.iter().map(|variant| variant.name.as_str()).collect();
            let moved = variants::put(tx, &product.seller, &Vec::from_iter(names)).await?;
            if moved > 0 {
                tracing::warn!(
                    product = product.name,
                    moved,
                    "stock under another seller's name was righted"
                );
            }
            Ok(())
        })
    }
}
