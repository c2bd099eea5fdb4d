//! UserCreated: the person is welcomed.

use shopmesh_kit::error::Result;
use shopmesh_proto::identity::v1::UserCreated;

use crate::domain::notice::Notice;

/// What it says.
pub fn notice(event: &UserCreated) -> Result<Option<Notice>> {
    Ok(Notice::to(&event.user, "welcome", &event.user))
}
