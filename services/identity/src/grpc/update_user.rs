//! UpdateUser: the part of an account that its person may change.

use shopmesh_kit::{
    db::Tx,
    error::Result,
    etag,
    events::{self, Cause},
    sealed::Sealer,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1::{self as pb, UserUpdated};
use tonic::{Request, Response, Status};

use super::{get_user::authorized, translate};
use crate::{
    app::App,
    domain::user::{ProfilePart, User},
    ids::UserId,
    store::users,
};

struct Update {
    sealer: Sealer,
    user: UserId,
    given: pb::User,
    parts: Vec<ProfilePart>,
    cause: Cause,
}

/// Answers the account as it is afterwards.
pub async fn update_user(
    app: &App,
    request: Request<pb::UpdateUserRequest>,
) -> Result<Response<pb::User>, Status> {
    let call = Call::of(&request)?.clone();
    let pb::UpdateUserRequest { user, update_mask } = request.into_inner();
    let given = user.unwrap_or_default();
    let update = Update {
        sealer: app.sealer.clone(),
        user: authorized(&call, "user.name", &given.name)?,
        parts: ProfilePart::of_mask(&update_mask.unwrap_or_default().paths)?,
        given,
        cause: Cause::of(&call, &*app.clock),
    };
    let user = app.db.write(update, |tx, update| Box::pin(apply(tx, update))).await?;
    Ok(Response::new(translate::user(&user)))
}

async fn apply(tx: &mut Tx, update: &Update) -> Result<User> {
    let Update { sealer, given, cause, .. } = update;
    let mut user = users::load(&mut *tx, sealer, &update.user).await?;
    etag::check(&given.etag, user.version)?;
    let before = user.version;
    if user.revise(&given.display_name, &given.locale, &update.parts, cause.at) {
        users::update(&mut *tx, sealer, &user, before).await?;
        events::append(tx, cause, &user.id.name(), &UserUpdated { user: user.id.name() }).await?;
    }
    Ok(user)
}
