//! SignUpRepeated: the owner of the address is told, since the one who tried was not.

use std::sync::Arc;

use shopmesh_kit::{clock::Clock, error::Result, events::EventHandler};
use shopmesh_proto::identity::v1::SignUpRepeated;

use super::Tells;
use crate::domain::notice::Notice;

/// The consumer.
pub fn handler(clock: Arc<dyn Clock>) -> Arc<dyn EventHandler> {
    Arc::new(Tells {
        name: "on_sign_up_repeated",
        types: &["shopmesh.identity.v1.SignUpRepeated"],
        notice,
        clock,
    })
}

fn notice(event: &SignUpRepeated) -> Result<Option<Notice>> {
    Ok(Notice::to(&event.user, "sign-up-repeated", &event.user))
}
