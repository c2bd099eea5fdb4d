//! What the shop has defined, gathered for the rules that a product must satisfy.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};

use crate::{
    domain::{product::Content, rules::Rules},
    store::{attributes, categories, channels},
};

/// The rules as they are in this transaction.
pub async fn load(tx: &mut Tx) -> Result<Rules> {
    let channels = channels::list(&mut *tx).await?;
    let attributes = attributes::list(&mut *tx).await?;
    Ok(Rules {
        channels: channels.into_iter().map(|channel| (channel.name, channel.currency)).collect(),
        attributes: attributes.into_iter().map(|definition| (definition.key, definition.kind)).collect(),
    })
}

/// Checks one product's content, its category included.
///
/// # Errors
/// INVALID_ARGUMENT names the field below `product`.
pub async fn check(tx: &mut Tx, content: &Content) -> Result<()> {
    load(&mut *tx).await?.check("product", content)?;
    if let Some(category) = &content.category
        && categories::find(tx, category).await?.is_none()
    {
        return Err(Error::invalid("product.category", format!("`{category}` does not exist")));
    }
    Ok(())
}
