//! BatchGetContacts: for services that write to people.

use shopmesh_kit::error::Result;
use shopmesh_proto::identity::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{app::App, ids::UserId, store::users};

/// Answers the contacts that exist.
pub async fn batch_get_contacts(
    app: &App,
    request: Request<pb::BatchGetContactsRequest>,
) -> Result<Response<pb::BatchGetContactsResponse>, Status> {
    let names = request.into_inner().names;
    let users = names.iter().map(|name| UserId::parse_field("names", name)).collect::<Result<Vec<_>>>()?;
    let users = users::batch(&app.db, &app.sealer, &users).await?;
    Ok(Response::new(pb::BatchGetContactsResponse {
        contacts: users.into_iter().map(translate::contact).collect(),
    }))
}
