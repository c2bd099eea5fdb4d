//! What happens to a product. Each change may be repeated: what changes nothing is not told.

use shopmesh_kit::{db::Tx, error::Result, etag, events::Cause};

use super::{published, rules};
use crate::{
    domain::product::{Content, ContentPart, Product},
    ids::ProductId,
    store::products::{self, Changed},
};

/// What is to be written.
pub struct Update {
    /// Which product.
    pub id: ProductId,
    /// The version it is about; empty for any.
    pub etag: String,
    /// Where the new content is taken from.
    pub content: Content,
    /// What of it is taken.
    pub parts: Vec<ContentPart>,
    /// What it is done for.
    pub cause: Cause,
}

/// Replaces parts of the content.
///
/// # Errors
/// ABORTED for another version, INVALID_ARGUMENT names what breaks a rule, ALREADY_EXISTS when a SKU is taken,
/// FAILED_PRECONDITION when an active product would be without a price.
pub async fn update(tx: &mut Tx, update: &Update) -> Result<Product> {
    let before = products::get(&mut *tx, &update.id).await?;
    etag::check(&update.etag, before.version)?;
    let mut content = before.content.clone();
    content.merge(update.content.clone(), &update.parts);
    rules::check(&mut *tx, &content).await?;
    let mut after = before.clone();
    let changed = after.revise(content, update.cause.at)?;
    keep(tx, &update.cause, changed, &before, after).await
}

/// Makes a product visible.
///
/// # Errors
/// FAILED_PRECONDITION when it has no price.
pub async fn publish(tx: &mut Tx, id: &ProductId, cause: &Cause) -> Result<Product> {
    let before = products::get(&mut *tx, id).await?;
    let mut after = before.clone();
    let changed = after.publish(cause.at)?;
    keep(tx, cause, changed, &before, after).await
}

/// Hides a product.
pub async fn archive(tx: &mut Tx, id: &ProductId, cause: &Cause) -> Result<Product> {
    let before = products::get(&mut *tx, id).await?;
    let mut after = before.clone();
    let changed = after.archive(cause.at);
    keep(tx, cause, changed, &before, after).await
}

/// Stores what has changed, and tells it.
async fn keep(
    tx: &mut Tx,
    cause: &Cause,
    changed: bool,
    before: &Product,
    after: Product,
) -> Result<Product> {
    if changed {
        products::write(&mut *tx, &[], &[Changed { before, after: &after }]).await?;
        published::product_changed(tx, cause, &after).await?;
    }
    Ok(after)
}
