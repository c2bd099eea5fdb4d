//! Names of resources.

use shopmesh_kit::typed_id;

typed_id!(
    /// A message to one person.
    pub DeliveryId, "deliveries", "dlv"
);
typed_id!(
    /// A person, whose account identity keeps.
    pub UserId, "users", "usr"
);
