//! Typed ids of what this service makes. In JSON they stand as resource names.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use shopmesh_kit::typed_id;

typed_id!(
    /// A cart.
    pub CartId, "carts", "crt"
);
typed_id!(
    /// A checkout; keys the hold and the payment too.
    pub CheckoutId, "checkouts", "chk"
);
typed_id!(
    /// An order.
    pub OrderId, "orders", "ord"
);
typed_id!(
    /// A parcel.
    pub ShipmentId, "shipments", "shp"
);
typed_id!(
    /// A cancellation or shipment under way.
    pub OperationId, "operations", "opr"
);

macro_rules! as_resource_name {
    ($($id:ident)*) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::parse(&name).map_err(|error| D::Error::custom(error.message()))
            }
        }
    )*};
}

as_resource_name!(CartId CheckoutId OrderId ShipmentId OperationId);
