//! Rows of products and their variants.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
    page::Rows,
};

use super::{ROWS_PER_STATEMENT, document, placeholders, row_placeholders, unreadable};
use crate::domain::{
    filter::Restriction,
    ids::{ProductId, VariantId},
    product::{Product, ProductState, Variant, sku_key},
};

/// How many products to hold at once: they may be large.
pub const PRODUCTS_AT_ONCE: usize = 50;

const COLUMNS: &str = "id, code, seller, state, version, created_at, updated_at, content";

/// Who looks at a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Active products only.
    Public,
    /// Active products, and all of these sellers.
    Sellers(Vec<String>),
    /// Everything.
    Staff,
}

impl Audience {
    /// Whether `product` is visible.
    pub fn sees(&self, product: &Product) -> bool {
        product.state == ProductState::Active
            || match self {
                Self::Public => false,
                Self::Sellers(sellers) => sellers.contains(&product.seller),
                Self::Staff => true,
            }
    }
}

/// The product `id`.
pub async fn find(on: impl Executor, id: &ProductId) -> Result<Option<Product>> {
    Ok(select_in(on, "id", std::iter::once(id.as_str())).await?.pop())
}

/// The product `id`, or NOT_FOUND.
pub async fn get(on: impl Executor, id: &ProductId) -> Result<Product> {
    find(on, id).await?.ok_or_else(|| Error::not_found(&id.name()))
}

/// Those of `ids` that exist, at most 1,000.
pub async fn by_ids(on: impl Executor, ids: &[ProductId]) -> Result<Vec<Product>> {
    select_in(on, "id", ids.iter().map(ProductId::as_str)).await
}

/// Those of `codes` that exist, at most 1,000.
pub async fn by_codes(on: impl Executor, codes: &[&str]) -> Result<Vec<Product>> {
    select_in(on, "code", codes.iter().copied()).await
}

async fn select_in<'a>(
    on: impl Executor,
    column: &'static str,
    values: impl ExactSizeIterator<Item = &'a str>,
) -> Result<Vec<Product>> {
    if values.len() == 0 {
        return Ok(Vec::new());
    }
    let list = placeholders(1, values.len());
    let mut query = sql_dynamic(format!("SELECT {COLUMNS} FROM products WHERE {column} IN ({list})"));
    for value in values {
        query = query.bind(value);
    }
    query.all(on).await?.iter().map(read).collect()
}

/// Newest first, those with a smaller id than `before`, as far as `audience` sees them: a page of
/// `size`.
pub async fn list(
    on: impl Executor,
    audience: &Audience,
    restrictions: &[Restriction],
    before: Option<&str>,
    size: usize,
) -> Result<Rows<Product>> {
    let mut text = format!("SELECT {COLUMNS} FROM products WHERE 1 = 1");
    let mut values: Vec<String> = Vec::new();
    match audience {
        Audience::Staff => {}
        Audience::Public => text.push_str(" AND state = 'ACTIVE'"),
        Audience::Sellers(sellers) => {
            let list = placeholders(1, sellers.len());
            text.push_str(&format!(" AND (state = 'ACTIVE' OR seller IN ({list}))"));
            values.extend(sellers.iter().cloned());
        }
    }
    for restriction in restrictions {
        values.push(restriction.value.clone());
        text.push_str(&format!(" AND {} = ${}", restriction.field.as_str(), values.len()));
    }
    if let Some(before) = before {
        values.push(before.to_owned());
        text.push_str(&format!(" AND id < ${}", values.len()));
    }
    text.push_str(" ORDER BY id DESC");
    let query = values.into_iter().fold(sql_dynamic(text), |query, value| query.bind(value));
    query.page(on, size).await?.try_map(|row| read(&row))
}

/// The product of each known variant, at most 500 variants.
pub async fn of_variants(on: impl Executor, variants: &[VariantId]) -> Result<HashMap<String, ProductId>> {
    if variants.is_empty() {
        return Ok(HashMap::new());
    }
    let list = placeholders(1, variants.len());
    let mut query = sql_dynamic(format!("SELECT id, product FROM variants WHERE id IN ({list})"));
    for variant in variants {
        query = query.bind(variant.as_str());
    }
    let rows = query.all(on).await?;
    rows.iter().map(|row| Ok((row.text("id")?, product_id(&row.text("product")?)?))).collect()
}

/// What became of a product.
pub struct Changed<'a> {
    /// As it is stored.
    pub before: &'a Product,
    /// As it shall be.
    pub after: &'a Product,
}

/// Writes new and changed products. A SKU may go from one of them to another; one that is taken elsewhere names it, and
/// so does a code. Another version of a changed one in between answers ABORTED.
pub async fn write(tx: &mut Tx, new: &[&Product], changed: &[Changed<'_>]) -> Result<()> {
    let mut variants: Vec<(&Variant, &ProductId)> = Vec::new();
    for Changed { before, after } in changed {
        update(&mut *tx, before, after).await?;
        let (known, kept) = (variant_ids(before), variant_ids(after));
        for gone in known.difference(&kept) {
            sql("DELETE FROM variants WHERE id = $1").bind(*gone).execute(&mut *tx).await?;
        }
        let added = after.content.variants.iter().filter(|variant| !known.contains(variant.id.as_str()));
        variants.extend(added.map(|variant| (variant, &after.id)));
    }
    insert(&mut *tx, new).await?;
    for product in new {
        variants.extend(product.content.variants.iter().map(|variant| (variant, &product.id)));
    }
    add_variants(tx, &variants).await
}

fn variant_ids(product: &Product) -> HashSet<&str> {
    product.content.variants.iter().map(|variant| variant.id.as_str()).collect()
}

async fn insert(tx: &mut Tx, products: &[&Product]) -> Result<()> {
    for chunk in products.chunks(ROWS_PER_STATEMENT) {
        let mut query = sql_dynamic(format!(
            "INSERT INTO products (id, code, seller, state, category, brand, product_type, version, \
             created_at, updated_at, content) VALUES {}",
            row_placeholders(chunk.len(), 11)
        ));
        for product in chunk {
            query = query
                .bind(product.id.as_str())
                .bind(product.code.as_str())
                .bind(product.seller.as_str())
                .bind(product.state.as_str())
                .bind(category_column(product))
                .bind(product.content.brand.as_str())
                .bind(product.content.product_type.as_str())
                .bind(product.version)
                .bind(product.created_at.0)
                .bind(product.updated_at.0)
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
    .bind(after.state.as_str())
    .bind(category_column(after))
    .bind(after.content.brand.as_str())
    .bind(after.content.product_type.as_str())
    .bind(after.version)
    .bind(after.updated_at.0)
    .bind(document::write_content(&after.content)?)
    .bind(after.id.as_str())
    .bind(before.version)
    .execute(&mut *tx)
    .await?;
    if changed == 0 {
        return Err(Error::aborted(
            "VERSION_LOST",
            "the product was changed by another request; read it and try again",
        ));
    }
    Ok(())
}

/// The product of each of `skus`, given by their keys, that is taken.
pub async fn of_skus(tx: &mut Tx, skus: &[String]) -> Result<HashMap<String, ProductId>> {
    let mut taken = HashMap::new();
    for chunk in skus.chunks(ROWS_PER_STATEMENT) {
        let list = placeholders(1, chunk.len());
        let query = sql_dynamic(format!("SELECT sku, product FROM variants WHERE sku IN ({list})"));
        let query = chunk.iter().fold(query, |query, sku| query.bind(sku));
        for row in query.all(&mut *tx).await? {
            taken.insert(row.text("sku")?, product_id(&row.text("product")?)?);
        }
    }
    Ok(taken)
}

async fn add_variants(tx: &mut Tx, variants: &[(&Variant, &ProductId)]) -> Result<()> {
    for chunk in variants.chunks(ROWS_PER_STATEMENT) {
        free_skus(&mut *tx, chunk).await?;
        let mut query = sql_dynamic(format!(
            "INSERT INTO variants (id, sku, product) VALUES {}",
            row_placeholders(chunk.len(), 3)
        ));
        for (variant, product) in chunk {
            query = query.bind(variant.id.as_str()).bind(sku_key(&variant.sku)).bind(product.as_str());
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}

async fn free_skus(tx: &mut Tx, variants: &[(&Variant, &ProductId)]) -> Result<()> {
    let list = placeholders(1, variants.len());
    let mut query = sql_dynamic(format!("SELECT id, sku FROM variants WHERE sku IN ({list}) LIMIT 1"));
    for (variant, _) in variants {
        query = query.bind(sku_key(&variant.sku));
    }
    match query.optional(tx).await? {
        None => Ok(()),
        Some(row) => Err(Error::already_exists(
            &format!("variants/{}", row.text("id")?),
            format!("has the SKU `{}` already; choose another `sku`", row.text("sku")?),
        )),
    }
}

fn category_column(product: &Product) -> String {
    product.content.category.as_ref().map(|category| category.as_str().to_owned()).unwrap_or_default()
}

fn product_id(column: &str) -> Result<ProductId> {
    ProductId::parse(&format!("products/{column}"))
}

fn read(row: &Row) -> Result<Product> {
    let state = row.text("state")?;
    Ok(Product {
        id: product_id(&row.text("id")?)?,
        code: row.text("code")?,
        seller: row.text("seller")?,
        state: ProductState::parse(&state).ok_or_else(|| unreadable("product state", &state))?,
        content: document::read_content(&row.text("content")?)?,
        version: row.int("version")?,
        created_at: Timestamp(row.int("created_at")?),
        updated_at: Timestamp(row.int("updated_at")?),
    })
}
