//! Adds an attribute definition, once.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};

use crate::{
    domain::attribute::{AttributeDefinition, MAX_DEFINITIONS},
    store::attributes,
};

/// Adds `definition`; the same one again is a repeat.
///
/// # Errors
/// ALREADY_EXISTS for another one of its key, FAILED_PRECONDITION when there are too many.
pub async fn create(tx: &mut Tx, definition: &AttributeDefinition) -> Result<()> {
    let known = attributes::list(&mut *tx).await?;
    match known.iter().find(|known| known.key == definition.key) {
        Some(known) if known == definition => return Ok(()),
        Some(known) => {
            return Err(Error::already_exists(&known.key, "is defined otherwise; choose another key"));
        }
        None => {}
    }
    if known.len() >= MAX_DEFINITIONS {
        let problem = format!("a shop has at most {MAX_DEFINITIONS} attribute definitions");
        return Err(Error::precondition("LIMIT", &definition.key, problem));
    }
    attributes::insert(tx, definition).await
}
