//! Ids of this service's resources.

use shopmesh_kit::typed_id;

typed_id!(
    /// A change of on hand.
    pub MovementId, "movements", "mov"
);
typed_id!(
    /// Units set aside.
    pub ReservationId, "reservations", "res"
);

/// Who sells what nobody else claims.
pub const HOUSE: &str = "sellers/house";
