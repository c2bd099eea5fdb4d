//! ListTemplates: for operators, by id.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::notifications::v1 as pb;

use crate::{app::App, templates, translate};

/// All templates.
pub async fn answer(_: &App, _: &Call, _: pb::ListTemplatesRequest) -> Result<pb::ListTemplatesResponse> {
    let templates = templates::all().iter().map(translate::rpc::template).collect();
    Ok(pb::ListTemplatesResponse { templates })
}
