//! ListAttributeDefinitions, CreateAttributeDefinition.

use shopmesh_kit::error::Result;
use shopmesh_proto::catalog::v1::{
    AttributeDefinition, CreateAttributeDefinitionRequest, ListAttributeDefinitionsResponse,
};
use tonic::Request;

use super::{Catalog, translate};
use crate::store::attributes;

pub async fn list(catalog: &Catalog) -> Result<ListAttributeDefinitionsResponse> {
    let defined = attributes::list(&catalog.db).await?;
    let attribute_definitions = defined.iter().map(translate::attribute_definition).collect();
    Ok(ListAttributeDefinitionsResponse { attribute_definitions })
}

pub async fn create(
    catalog: &Catalog,
    request: Request<CreateAttributeDefinitionRequest>,
) -> Result<AttributeDefinition> {
    let given = request.into_inner().attribute_definition.unwrap_or_default();
    let definition = translate::new_attribute_definition(&given)?;
    catalog.db.write(definition, |tx, definition| Box::pin(attributes::add(tx, definition))).await?;
    Ok(given)
}
