//! The terms of a checkout.

use shopmesh_proto::orders::v1::ShippingAddress;

/// What a request asks for beside the cart.
pub struct Terms {
    /// Version the shopper saw; empty is not checked.
    pub etag: String,
    /// Total the shopper saw, in minor units.
    pub expected_minor: Option<i64>,
    /// Where to send the parcel.
    pub address: ShippingAddress,
    /// What to pay with.
    pub payment_token: String,
}
