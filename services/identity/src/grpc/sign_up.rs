//! SignUp: opens an account, and never tells whether the address had one.

use shopmesh_kit::events::Cause;
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::Origin;
use crate::{
    accounts::{self, SignUp},
    app::App,
    domain::{email::Email, password::Password},
};

/// Answers the normalised address, whatever happened.
pub async fn sign_up(
    app: &App,
    request: Request<pb::SignUpRequest>,
) -> Result<Response<pb::SignUpResponse>, Status> {
    let cause = Cause::of(Call::of(&request)?, &*app.clock);
    let origin = Origin::of(&request, app.config.trusted_hops)?;
    let pb::SignUpRequest { email, password, display_name, locale } = request.into_inner();
    let email = Email::parse("email", &email)?;
    let password = Password::choose(&password, &email)?;
    let answer = pb::SignUpResponse { email: email.as_str().to_owned() };
    accounts::sign_up(app, cause, &origin, SignUp { email, password, display_name, locale }).await?;
    Ok(Response::new(answer))
}
