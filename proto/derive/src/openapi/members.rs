//! Objects whose members keep their order.

use serde::{Serialize, Serializer};

/// Members of an object in a chosen order.
pub type Members<T> = Vec<(String, T)>;

/// Writes [`Members`] as an object.
pub fn as_object<T: Serialize, S: Serializer>(
    members: &Members<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
}
