//! GetSample.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::sample::v1 as pb;

use crate::{app::App, store::samples, translate};

/// The swatch.
pub async fn answer(app: &App, _: &Call, request: pb::GetSampleRequest) -> Result<pb::Sample> {
    let found = samples::get(&app.db, &request.name).await?;
    found.as_ref().map(translate::rpc::sample).ok_or_else(|| Error::not_found(&request.name))
}
