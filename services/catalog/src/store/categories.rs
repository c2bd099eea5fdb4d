//! Rows of `categories`, and of `taxonomy`, which counts moves.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql},
    error::{Error, Result},
    page::Rows,
};

use crate::{
    domain::{
        category::{Category, Place},
        taxonomy::Taxonomy,
    },
    ids::CategoryId,
};

/// The category `id`.
pub async fn find(on: impl Executor, id: &CategoryId) -> Result<Option<Category>> {
    let row = sql("SELECT id, parent, code, title, depth, path FROM categories WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The category `id`, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &CategoryId) -> Result<Category> {
    find(on, id).await?.ok_or_else(|| Error::not_found(&id.name()))
}

/// In tree order, those whose path comes after `after`: a page of `size`.
pub async fn list(on: impl Executor, after: &str, size: usize) -> Result<Rows<Category>> {
    let rows =
        sql("SELECT id, parent, code, title, depth, path FROM categories WHERE path > $1 ORDER BY path")
            .bind(after)
            .page(on, size)
            .await?;
    rows.try_map(|row| read(&row))
}

/// Which of `ids` exist, at most 1,000.
pub async fn existing(on: impl Executor, ids: &HashSet<&CategoryId>) -> Result<HashSet<CategoryId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = sql("SELECT id FROM categories WHERE ").in_list("id", ids.iter().copied()).all(on).await?;
    rows.iter().map(|row| CategoryId::stored(&row.text("id")?)).collect()
}

/// Shown names of those of `ids` that exist.
pub async fn titles(on: impl Executor, ids: &[&str]) -> Result<HashMap<String, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows =
        sql("SELECT id, title FROM categories WHERE ").in_list("id", ids.iter().copied()).all(on).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("title")?))).collect()
}

/// Adds one.
pub async fn insert(tx: &mut Tx, category: &Category) -> Result<()> {
    sql("INSERT INTO categories (id, parent, code, title, depth, path) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&category.id)
        .bind(parent_column(category.parent.as_ref()))
        .bind(&category.code)
        .bind(&category.title)
        .bind(category.place.depth)
        .bind(&category.place.path)
        .execute(tx)
        .await?;
    Ok(())
}

/// The child of `parent`, or the root, that has `code`.
pub async fn with_code(
    on: impl Executor,
    parent: Option<&CategoryId>,
    code: &str,
) -> Result<Option<CategoryId>> {
    let row = sql("SELECT id FROM categories WHERE parent = $1 AND code = $2")
        .bind(parent_column(parent))
        .bind(code)
        .optional(on)
        .await?;
    row.map(|row| CategoryId::stored(&row.text("id")?)).transpose()
}

/// Levels below `category`.
pub async fn height(on: impl Executor, category: &Category) -> Result<i64> {
    let row =
        sql("SELECT CAST(MAX(depth) AS BIGINT) AS depth FROM categories WHERE path = $1 OR path LIKE $2")
            .bind(&category.place.path)
            .bind(below(category))
            .one(on)
            .await?;
    Ok(row.opt_int("depth")?.unwrap_or(category.place.depth) - category.place.depth)
}

/// Puts `category`, with all below it, at `place` under `parent`.
pub async fn relocate(
    tx: &mut Tx,
    category: &Category,
    parent: Option<&CategoryId>,
    place: &Place,
) -> Result<()> {
    let old = &category.place;
    // SUBSTR counts from 1: what follows the old path.
    let rest = i64::try_from(old.path.len()).map_err(Error::internal)? + 1;
    sql("UPDATE categories SET path = $1 || SUBSTR(path, CAST($2 AS INTEGER)), depth = depth + $3 \
         WHERE path = $4 OR path LIKE $5")
    .bind(&place.path)
    .bind(rest)
    .bind(place.depth - old.depth)
    .bind(&old.path)
    .bind(below(category))
    .execute(&mut *tx)
    .await?;
    sql("UPDATE categories SET parent = $1 WHERE id = $2")
        .bind(parent_column(parent))
        .bind(&category.id)
        .execute(&mut *tx)
        .await?;
    sql("UPDATE taxonomy SET revision = revision + 1 WHERE id = 1").execute(tx).await?;
    Ok(())
}

/// Whether a category has `id` as its parent.
pub async fn has_children(on: impl Executor, id: &CategoryId) -> Result<bool> {
    let child = sql("SELECT id FROM categories WHERE parent = $1 LIMIT 1").bind(id).optional(on).await?;
    Ok(child.is_some())
}

/// Deletes `id`; `false` when there is none.
pub async fn delete(tx: &mut Tx, id: &CategoryId) -> Result<bool> {
    Ok(sql("DELETE FROM categories WHERE id = $1").bind(id).execute(tx).await? > 0)
}

/// Counts moves.
pub async fn revision(on: impl Executor) -> Result<i64> {
    Ok(sql("SELECT revision FROM taxonomy WHERE id = 1").one(on).await?.int("revision")?)
}

/// The whole tree with its revision, read in one statement so that they belong together.
pub async fn taxonomy(on: impl Executor) -> Result<Taxonomy> {
    let rows = sql(
        "SELECT t.revision, c.id, c.title, c.path FROM taxonomy t LEFT JOIN categories c ON 1 = 1 WHERE t.id = 1",
    )
    .all(on)
    .await?;
    let revision = rows.first().map_or(Ok(0), |row| row.int("revision"))?;
    let mut nodes = Vec::with_capacity(rows.len());
    for row in &rows {
        // The one row of an empty tree has no category.
        if let Some(id) = row.opt_text("id")? {
            nodes.push((CategoryId::stored(&id)?, row.text("title")?, row.text("path")?));
        }
    }
    Ok(Taxonomy::new(revision, nodes))
}

/// Ids hold no `%` and no `_` but the one of their prefix, which matches itself.
fn below(category: &Category) -> String {
    format!("{}/%", category.place.path)
}

/// Empty for a root.
fn parent_column(parent: Option<&CategoryId>) -> &str {
    parent.map_or("", CategoryId::as_str)
}

fn read(row: &Row) -> Result<Category> {
    let parent = row.text("parent")?;
    Ok(Category {
        id: CategoryId::stored(&row.text("id")?)?,
        parent: if parent.is_empty() { None } else { Some(CategoryId::stored(&parent)?) },
        code: row.text("code")?,
        title: row.text("title")?,
        place: Place { path: row.text("path")?, depth: row.int("depth")? },
    })
}
