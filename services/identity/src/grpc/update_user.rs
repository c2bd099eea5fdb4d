//! UpdateUser: the part of an account that its person may change.

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use super::get_user::authorized;
use crate::{
    app::App,
    domain::user::ProfilePart,
    translate,
    usecases::update_user::{self, Update},
};

/// The account as it is afterwards.
pub async fn answer(app: &App, call: &Call, request: pb::UpdateUserRequest) -> Result<pb::User> {
    let given = request.user.unwrap_or_default();
    let update = Update {
        sealer: app.sealer.clone(),
        user: authorized(call, "user.name", &given.name)?,
        etag: given.etag,
        parts: ProfilePart::of_mask(&request.update_mask.unwrap_or_default().paths)?,
        display_name: given.display_name,
        locale: given.locale,
        cause: Cause::of(call, &*app.clock),
    };
    let user = app.db.write(update, |tx, update| Box::pin(update_user::update(tx, update))).await?;
    Ok(translate::rpc::user(&user))
}
