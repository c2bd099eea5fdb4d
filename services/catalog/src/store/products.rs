//! Rows of products and their variants.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    clock::Timestamp,
    db::{Executor, Row, Tx, sql, sql_dynamic},
    error::{Error, Result},
};

use super::{ROWS_PER_STATEMENT, document, placeholders, row_placeholders, unreadable};
use crate::domain::{
    filter::Restriction,
    ids::{ProductId, VariantId},
    product::{Product, ProductState, Variant, sku_key},
};

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

/// Newest first, those with a smaller id than `before`, as far as `audience` sees them.
pub async fn list(
    on: impl Executor,
    audience: &Audience,
    restrictions: &[Restriction],
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<Product>> {
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
    text.push_str(&format!(" ORDER BY id DESC LIMIT {limit}"));
    let mut query = sql_dynamic(text);
    for value in values {
        query = query.bind(value);
    }
    query.all(on).await?.iter().map(read).collect()
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

/// Adds products. A code or SKU that is taken names it.
pub async fn add(tx: &mut Tx, products: &[&Product]) -> Result<()> {
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
    let variants: Vec<_> = products
        .iter()
        .flat_map(|product| product.content.variants.iter().map(|variant| (variant, &product.id)))
        .collect();
    add_variants(tx, &variants).await
}

/// Writes a changed product over `before`; another version in between answers ABORTED.
pub async fn update(tx: &mut Tx, before: &Product, after: &Product) -> Result<()> {
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
    let kept: HashSet<&str> = after.content.variants.iter().map(|variant| variant.id.as_str()).collect();
    for gone in before.content.variants.iter().filter(|variant| !kept.contains(variant.id.as_str())) {
        sql("DELETE FROM variants WHERE id = $1").bind(gone.id.as_str()).execute(&mut *tx).await?;
    }
    let known: HashSet<&str> = before.content.variants.iter().map(|variant| variant.id.as_str()).collect();
    let new: Vec<_> = after
        .content
        .variants
        .iter()
        .filter(|variant| !known.contains(variant.id.as_str()))
        .map(|variant| (variant, &after.id))
        .collect();
    add_variants(tx, &new).await
}

/// Refuses a code that is taken.
pub async fn free_code(tx: &mut Tx, code: &str) -> Result<()> {
    let taken = sql("SELECT id FROM products WHERE code = $1").bind(code).optional(tx).await?;
    match taken {
        None => Ok(()),
        Some(row) => Err(Error::already_exists(
            &product_id(&row.text("id")?)?.name(),
            format!("has the code `{code}` already; choose another `code`"),
        )),
    }
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
