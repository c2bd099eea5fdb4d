//! What happens to the category tree.

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
};

use crate::{
    domain::category::{self, Category, Place},
    ids::CategoryId,
    store::{categories, products},
};

/// What a new category is made of.
pub struct NewCategory {
    /// Its id.
    pub id: CategoryId,
    /// `None` for a root.
    pub parent: Option<CategoryId>,
    /// Key among siblings.
    pub code: String,
    /// Shown name.
    pub title: String,
}

/// Adds a category.
///
/// # Errors
/// INVALID_ARGUMENT for an unknown parent or too deep a place, ALREADY_EXISTS when a sibling has its code.
pub async fn create(tx: &mut Tx, new: &NewCategory) -> Result<Category> {
    let parent = parent(&mut *tx, "category.parent", new.parent.as_ref()).await?;
    let category = Category {
        place: Place::below(parent.as_ref(), &new.id)?,
        id: new.id.clone(),
        parent: new.parent.clone(),
        code: new.code.clone(),
        title: new.title.clone(),
    };
    check_free(&mut *tx, category.parent.as_ref(), &category.code).await?;
    categories::insert(tx, &category).await?;
    Ok(category)
}

/// Moves a category, with all below it, under `parent`.
///
/// # Errors
/// As [`create`], and INVALID_ARGUMENT for a parent at or below the category.
pub async fn relocate(tx: &mut Tx, id: &CategoryId, parent: Option<&CategoryId>) -> Result<Category> {
    let known = categories::get(&mut *tx, id).await?;
    if known.parent.as_ref() == parent {
        return Ok(known);
    }
    let under = self::parent(&mut *tx, "parent", parent).await?;
    let height = categories::height(&mut *tx, &known).await?;
    let place = category::plan_move(&known, height, under.as_ref())?;
    check_free(&mut *tx, parent, &known.code).await?;
    categories::relocate(tx, &known, parent, &place).await?;
    Ok(Category { parent: parent.cloned(), place, ..known })
}

/// Deletes a category.
///
/// # Errors
/// FAILED_PRECONDITION when it has products or children, NOT_FOUND when there is none.
pub async fn delete(tx: &mut Tx, id: &CategoryId) -> Result<()> {
    if categories::has_children(&mut *tx, id).await? {
        let problem = "the category has children; move or delete them first";
        return Err(Error::precondition("STATE", id.name(), problem));
    }
    if products::any_in(&mut *tx, id).await? {
        return Err(Error::precondition("STATE", id.name(), "the category has products; move them first"));
    }
    if categories::delete(tx, id).await? { Ok(()) } else { Err(Error::not_found(&id.name())) }
}

/// The parent named in `field`; none for a root.
async fn parent(tx: &mut Tx, field: &str, id: Option<&CategoryId>) -> Result<Option<Category>> {
    let Some(id) = id else { return Ok(None) };
    let unknown = || Error::invalid(field, format!("`{id}` does not exist; create it first"));
    categories::find(tx, id).await?.map(Some).ok_or_else(unknown)
}

async fn check_free(tx: &mut Tx, parent: Option<&CategoryId>, code: &str) -> Result<()> {
    match categories::with_code(tx, parent, code).await? {
        None => Ok(()),
        Some(taken) => {
            let problem = format!("has the code `{code}` already; siblings need different codes");
            Err(Error::already_exists(&taken.name(), problem))
        }
    }
}
