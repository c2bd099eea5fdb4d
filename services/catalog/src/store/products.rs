//! Rows of `products`: what is filtered by as columns, the rest as one document.

use std::collections::HashSet;

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, ROWS_PER_STATEMENT, Row, Tx, Value, row_placeholders, sql, sql_dynamic},
    error::{Error, Result},
    page::Rows,
};

use super::{document, variants};
use crate::{
    domain::{
        audience::Audience,
        filter::Restriction,
        product::{Product, ProductState, Variant},
    },
    error::product_changed,
    ids::{CategoryId, ProductId, VariantId},
};

/// How many products to hold at once: they may be large.
pub const PRODUCTS_AT_ONCE: usize = 50;

const COLUMNS: &str = "id, code, seller, state, version, created_at, updated_at, content";

/// The product `id`, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &ProductId) -> Result<Product> {
    let found = by_ids(on, std::slice::from_ref(id)).await?.pop();
    found.ok_or_else(|| Error::not_found(&id.name()))
}

/// Those of `ids` that exist, at most 1,000.
pub async fn by_ids(on: impl Executor, ids: &[ProductId]) -> Result<Vec<Product>> {
    select_in(on, "id", ids.iter().map(Value::from)).await
}

/// Those of `codes` that exist, at most 1,000.
pub async fn by_codes(on: impl Executor, codes: &[&str]) -> Result<Vec<Product>> {
    select_in(on, "code", codes.iter().copied().map(Value::from)).await
}

async fn select_in(
    on: impl Executor,
    column: &'static str,
    values: impl ExactSizeIterator<Item = Value>,
) -> Result<Vec<Product>> {
    if values.len() == 0 {
        return Ok(Vec::new());
    }
    let query = sql_dynamic(format!("SELECT {COLUMNS} FROM products WHERE ")).in_list(column, values);
    query.all(on).await?.iter().map(read).collect()
}

/// Newest first, those with a smaller id than `before`, as far as `audience` sees them: a page of `size`.
pub async fn list(
    on: impl Executor,
    audience: &Audience,
    restrictions: &[Restriction],
    before: Option<&str>,
    size: usize,
) -> Result<Rows<Product>> {
    let query = sql_dynamic(format!("SELECT {COLUMNS} FROM products WHERE TRUE")).and("id <", before);
    let active = &ProductState::Active;
    let query = match audience {
        Audience::Operator => query,
        Audience::Public => query.and("state =", Some(active)),
        Audience::Sellers(sellers) => {
            query.and("(state =", Some(active)).then(" OR ").in_list("seller", sellers).then(")")
        }
    };
    let query = restrictions.iter().fold(query, |query, restriction| match restriction {
        Restriction::Category(category) => query.and("category =", Some(category)),
        Restriction::Seller(seller) => query.and("seller =", Some(seller)),
        Restriction::Brand(brand) => query.and("brand =", Some(brand)),
        Restriction::ProductType(product_type) => query.and("product_type =", Some(product_type)),
        Restriction::State(state) => query.and("state =", Some(state)),
    });
    query.then(" ORDER BY id DESC").page(on, size).await?.try_map(|row| read(&row))
}

/// Whether a product is placed in `category` itself.
pub async fn any_in(on: impl Executor, category: &CategoryId) -> Result<bool> {
    let product =
        sql("SELECT id FROM products WHERE category = $1 LIMIT 1").bind(category).optional(on).await?;
    Ok(product.is_some())
}

/// What became of a product.
pub struct Changed<'a> {
    /// As it is stored.
    pub before: &'a Product,
    /// As it shall be.
    pub after: &'a Product,
}

/// Writes new and changed products with their variants. A SKU may go from one of them to another.
///
/// # Errors
/// ALREADY_EXISTS names who has a SKU; ABORTED when a changed product has another version than before.
pub async fn write(tx: &mut Tx, new: &[&Product], changed: &[Changed<'_>]) -> Result<()> {
    let mut added: Vec<(&Variant, &ProductId)> = Vec::new();
    for Changed { before, after } in changed {
        update(&mut *tx, before, after).await?;
        let (known, kept) = (variant_ids(before), variant_ids(after));
        let removed: Vec<&VariantId> = known.difference(&kept).copied().collect();
        variants::delete(&mut *tx, &removed).await?;
        let variants = after.content.variants.iter().filter(|variant| !known.contains(&variant.id));
        added.extend(variants.map(|variant| (variant, &after.id)));
    }
    insert(&mut *tx, new).await?;
    for product in new {
        added.extend(product.content.variants.iter().map(|variant| (variant, &product.id)));
    }
    variants::insert(tx, &added).await
}

fn variant_ids(product: &Product) -> HashSet<&VariantId> {
    product.content.variants.iter().map(|variant| &variant.id).collect()
}

async fn insert(tx: &mut Tx, products: &[&Product]) -> Result<()> {
    for chunk in products.chunks(ROWS_PER_STATEMENT) {
        let mut query = sql_dynamic(format!(
            "INSERT INTO products (id, code, seller, state, category, brand, product_type, version, \
             created_at, updated_at, content) VALUES {}",
            row_placeholders(1, chunk.len(), 11)
        ));
        for product in chunk {
            query = query
                .bind(&product.id)
                .bind(&product.code)
                .bind(&product.seller)
                .bind(&product.state)
                .bind(category_column(product))
                .bind(&product.content.brand)
                .bind(&product.content.product_type)
                .bind(product.version)
                .bind(product.created_at)
                .bind(product.updated_at)
                .bind(document::write_content(&product.content)?);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn update(tx: &mut Tx, before: &Product, after: &Product) -> Result<()> {
    let changed = sql(
        "UPDATE products SET state = $1, category = $2, brand = $3, product_type = $4, version = $5, updated_at = $6, \
         content = $7 WHERE id = $8 AND version = $9",
    )
    .bind(&after.state)
    .bind(category_column(after))
    .bind(&after.content.brand)
    .bind(&after.content.product_type)
    .bind(after.version)
    .bind(after.updated_at)
    .bind(document::write_content(&after.content)?)
    .bind(&after.id)
    .bind(before.version)
    .execute(tx)
    .await?;
    if changed == 1 { Ok(()) } else { Err(product_changed()) }
}

/// Empty when it is not placed.
fn category_column(product: &Product) -> &str {
    product.content.category.as_ref().map_or("", CategoryId::as_str)
}

fn read(row: &Row) -> Result<Product> {
    Ok(Product {
        id: ProductId::stored(&row.text("id")?)?,
        code: row.text("code")?,
        seller: row.text("seller")?,
        state: row.coded("state")?,
        content: document::read_content(&row.text("content")?)?,
        version: row.int("version")?,
        created_at: Timestamp(row.int("created_at")?),
        updated_at: Timestamp(row.int("updated_at")?),
    })
}
