//! Rows of the category tree.

use std::collections::HashMap;

use shopmesh_kit::{
    db::{Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
    page::Rows,
};

use super::placeholders;
use crate::{
    domain::{
        category::{Category, Place},
        ids::CategoryId,
    },
    search::Taxonomy,
};

/// The category `id`.
pub async fn find(on: impl Executor, id: &CategoryId) -> Result<Option<Category>> {
    let row = sql("SELECT id, parent, code, title, depth, path FROM categories WHERE id = $1")
        .bind(id.as_str())
        .optional(on)
        .await?;
    row.map(|row| read(&row)).transpose()
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
pub async fn existing(on: impl Executor, ids: &[CategoryId]) -> Result<Vec<CategoryId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        sql_dynamic(format!("SELECT id FROM categories WHERE id IN ({})", placeholders(1, ids.len())));
    for id in ids {
        query = query.bind(id.as_str());
    }
    query.all(on).await?.iter().map(|row| id_of(&row.text("id")?)).collect()
}

/// Shown names of those of `ids` that exist.
pub async fn titles<'a>(
    on: impl Executor,
    ids: impl ExactSizeIterator<Item = &'a str>,
) -> Result<HashMap<String, String>> {
    if ids.len() == 0 {
        return Ok(HashMap::new());
    }
    let list = placeholders(1, ids.len());
    let mut query = sql_dynamic(format!("SELECT id, title FROM categories WHERE id IN ({list})"));
    for id in ids {
        query = query.bind(id);
    }
    query.all(on).await?.iter().map(|row| Ok((row.text("id")?, row.text("title")?))).collect()
}

/// Adds `category`.
pub async fn add(tx: &mut Tx, category: &Category) -> Result<()> {
    free_code(&mut *tx, category.parent.as_ref(), &category.code).await?;
    sql("INSERT INTO categories (id, parent, code, title, depth, path) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(category.id.as_str())
        .bind(parent_column(category.parent.as_ref()))
        .bind(category.code.as_str())
        .bind(category.title.as_str())
        .bind(category.place.depth)
        .bind(category.place.path.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// Refuses a code that a child of `parent` has already.
pub async fn free_code(tx: &mut Tx, parent: Option<&CategoryId>, code: &str) -> Result<()> {
    let taken = sql("SELECT id FROM categories WHERE parent = $1 AND code = $2")
        .bind(parent_column(parent))
        .bind(code)
        .optional(tx)
        .await?;
    match taken {
        None => Ok(()),
        Some(row) => Err(Error::already_exists(
            &id_of(&row.text("id")?)?.name(),
            format!("has the code `{code}` already; siblings need different codes"),
        )),
    }
}

/// Levels below `category`.
pub async fn height(tx: &mut Tx, category: &Category) -> Result<i64> {
    let row =
        sql("SELECT CAST(MAX(depth) AS BIGINT) AS depth FROM categories WHERE path = $1 OR path LIKE $2")
            .bind(category.place.path.as_str())
            .bind(below(category))
            .one(tx)
            .await?;
    Ok(row.opt_int("depth")?.unwrap_or(category.place.depth) - category.place.depth)
}

/// Hangs `category`, with all below it, at `place` under `parent`.
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
    .bind(place.path.as_str())
    .bind(rest)
    .bind(place.depth - old.depth)
    .bind(old.path.as_str())
    .bind(below(category))
    .execute(&mut *tx)
    .await?;
    sql("UPDATE categories SET parent = $1 WHERE id = $2")
        .bind(parent_column(parent))
        .bind(category.id.as_str())
        .execute(&mut *tx)
        .await?;
    sql("UPDATE taxonomy SET revision = revision + 1 WHERE id = 1").execute(tx).await?;
    Ok(())
}

/// Deletes `id`, unless something hangs on it.
pub async fn delete_empty(tx: &mut Tx, id: &CategoryId) -> Result<()> {
    let name = id.name();
    let child = sql("SELECT id FROM categories WHERE parent = $1 LIMIT 1")
        .bind(id.as_str())
        .optional(&mut *tx)
        .await?;
    if child.is_some() {
        return Err(Error::precondition(
            "STATE",
            name,
            "the category has children; move or delete them first",
        ));
    }
    let product = sql("SELECT id FROM products WHERE category = $1 LIMIT 1")
        .bind(id.as_str())
        .optional(&mut *tx)
        .await?;
    if product.is_some() {
        return Err(Error::precondition("STATE", name, "the category has products; move them first"));
    }
    match sql("DELETE FROM categories WHERE id = $1").bind(id.as_str()).execute(tx).await? {
        0 => Err(Error::not_found(&name)),
        _ => Ok(()),
    }
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
            nodes.push((id, row.text("title")?, row.text("path")?));
        }
    }
    Ok(Taxonomy::new(revision, nodes))
}

/// Ids hold no `%` and no `_` but the one of their prefix, which matches itself.
fn below(category: &Category) -> String {
    format!("{}/%", category.place.path)
}

fn parent_column(parent: Option<&CategoryId>) -> String {
    parent.map(|parent| parent.as_str().to_owned()).unwrap_or_default()
}

fn id_of(column: &str) -> Result<CategoryId> {
    CategoryId::parse(&format!("categories/{column}"))
}

fn read(row: &Row) -> Result<Category> {
    let parent = row.text("parent")?;
    Ok(Category {
        id: id_of(&row.text("id")?)?,
        parent: if parent.is_empty() { None } else { Some(id_of(&parent)?) },
        code: row.text("code")?,
        title: row.text("title")?,
        place: Place { path: row.text("path")?, depth: row.int("depth")? },
    })
}
