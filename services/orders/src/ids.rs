//! Typed ids of what this service makes.

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
