//! BatchGetContacts: for services that write to people.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::identity::v1 as pb;

use crate::{app::App, ids::UserId, store::users, translate};

/// The contacts that exist.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::BatchGetContactsRequest,
) -> Result<pb::BatchGetContactsResponse> {
    let names = request.names.iter().map(|name| UserId::parse_field("names", name));
    let users = users::batch(&app.db, &app.sealer, &names.collect::<Result<Vec<_>>>()?).await?;
    Ok(pb::BatchGetContactsResponse { contacts: users.into_iter().map(translate::rpc::contact).collect() })
}
