//! SignUpRepeated: the owner of the address is told, since the one who tried was not.

use shopmesh_kit::error::Result;
use shopmesh_proto::identity::v1::SignUpRepeated;

use crate::domain::notice::Notice;

/// What it says.
pub fn notice(event: &SignUpRepeated) -> Result<Option<Notice>> {
    Ok(Notice::to(&event.user, "sign-up-repeated", &event.user))
}
