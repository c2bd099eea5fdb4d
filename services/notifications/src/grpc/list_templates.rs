//! ListTemplates: for operators, by id.

use shopmesh_proto::notifications::v1 as pb;
use tonic::Response;

use super::translate;
use crate::templates;

/// Answers all templates.
pub fn list_templates() -> Response<pb::ListTemplatesResponse> {
    let templates = templates::all().iter().map(translate::template).collect();
    Response::new(pb::ListTemplatesResponse { templates })
}
