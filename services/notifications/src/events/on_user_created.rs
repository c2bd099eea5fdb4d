//! UserCreated: the person is welcomed.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::identity::v1::UserCreated;

use super::Tells;
use crate::domain::notice::Notice;

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells { name: "on_user_created", types: &["shopmesh.identity.v1.UserCreated"], notice, clock })
}

fn notice(event: &UserCreated) -> Result<Option<Notice>> {
    Ok(Notice::to(&event.user, "welcome", &event.user))
}
