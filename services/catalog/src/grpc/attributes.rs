//! ListAttributeDefinitions and CreateAttributeDefinition.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use crate::{app::App, store, translate, usecases::attributes};

/// All definitions, by key.
pub async fn list(
    app: &App,
    _: &Call,
    _: pb::ListAttributeDefinitionsRequest,
) -> Result<pb::ListAttributeDefinitionsResponse> {
    let all = store::attributes::list(&app.db).await?;
    let attribute_definitions = all.iter().map(translate::rpc::attribute_definition).collect();
    Ok(pb::ListAttributeDefinitionsResponse { attribute_definitions })
}

/// Adds a definition.
pub async fn create(
    app: &App,
    _: &Call,
    request: pb::CreateAttributeDefinitionRequest,
) -> Result<pb::AttributeDefinition> {
    let given = request.attribute_definition.unwrap_or_default();
    let definition = translate::rpc::new_attribute_definition(&given)?;
    app.db.write(definition, |tx, definition| Box::pin(attributes::create(tx, definition))).await?;
    Ok(given)
}
