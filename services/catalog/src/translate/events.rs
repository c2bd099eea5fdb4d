//! What others are told.

use shopmesh_proto::catalog::v1 as pb;

use super::rpc;
use crate::domain::product::Product;

/// A product as it is now.
pub fn product_changed(product: &Product) -> pb::ProductChanged {
    pb::ProductChanged { product: Some(rpc::product(product)) }
}
