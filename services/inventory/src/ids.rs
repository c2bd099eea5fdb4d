//! Typed ids of what this service makes.

use shopmesh_kit::typed_id;

typed_id!(
    /// A change of on hand.
    pub MovementId, "movements", "mov"
);
typed_id!(
    /// Units set aside for a checkout.
    pub ReservationId, "reservations", "res"
);
