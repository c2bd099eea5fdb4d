//! ImportProducts: many upserts by code in one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use shopmesh_kit::{
    db::Tx,
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1::{
    self as pb, ImportOutcome, ImportProductsRequest, ImportProductsResponse, ImportedProduct,
};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        ids::{CategoryId, ProductId},
        product::{Content, HOUSE_SELLER, Product, ProductState},
    },
    events::published,
    store::{categories, products, rules},
};

/// A checked request.
struct Import {
    rows: Vec<ImportRow>,
    cause: Cause,
}

struct ImportRow {
    code: String,
    seller: String,
    content: Content,
}

pub async fn answer(
    catalog: &Catalog,
    request: Request<ImportProductsRequest>,
) -> Result<ImportProductsResponse> {
    let cause = Cause::of(Call::of(&request)?, catalog.clock.as_ref());
    let given = request.into_inner().products;
    let mut codes = HashSet::with_capacity(given.len());
    let mut rows = Vec::with_capacity(given.len());
    for (index, product) in given.into_iter().enumerate() {
        let row = row(index, product)?;
        if !codes.insert(row.code.clone()) {
            return Err(Error::invalid(
                &format!("products[{index}].code"),
                "occurs twice in this request; keep one",
            ));
        }
        rows.push(row);
    }
    let products = catalog.db.write(Import { rows, cause }, |tx, import| Box::pin(apply(tx, import))).await?;
    Ok(ImportProductsResponse { products })
}

fn row(index: usize, given: pb::Product) -> Result<ImportRow> {
    if given.code.is_empty() {
        return Err(Error::invalid(&format!("products[{index}].code"), "is empty; imports go by code"));
    }
    Ok(ImportRow {
        code: given.code.clone(),
        seller: if given.seller.is_empty() { HOUSE_SELLER.to_owned() } else { given.seller.clone() },
        content: translate::content(&format!("products[{index}]"), given)?,
    })
}

async fn apply(tx: &mut Tx, import: &Import) -> Result<Vec<ImportedProduct>> {
    check(&mut *tx, import).await?;
    let codes: Vec<&str> = import.rows.iter().map(|row| row.code.as_str()).collect();
    let known = products::by_codes(&mut *tx, &codes).await?;
    let known: HashMap<&str, &Product> =
        known.iter().map(|product| (product.code.as_str(), product)).collect();
    let mut done = Vec::with_capacity(import.rows.len());
    for (index, row) in import.rows.iter().enumerate() {
        done.push(match known.get(row.code.as_str()) {
            Some(before) => update(&mut *tx, index, row, before, &import.cause).await?,
            None => (create(row, &import.cause)?, ImportOutcome::Created),
        });
    }
    let created: Vec<&Product> =
        done.iter().filter(|(_, made)| *made == ImportOutcome::Created).map(|(p, _)| p).collect();
    products::add(&mut *tx, &created).await?;
    for (product, outcome) in &done {
        if *outcome != ImportOutcome::Unchanged {
            published::product_changed(&mut *tx, &import.cause, product).await?;
        }
    }
    Ok(done.iter().map(|(product, outcome)| imported(product, *outcome)).collect())
}

async fn check(tx: &mut Tx, import: &Import) -> Result<()> {
    let rules = rules::load(&mut *tx).await?;
    for (index, row) in import.rows.iter().enumerate() {
        rules.check(&format!("products[{index}]"), &row.content)?;
    }
    let named: BTreeSet<&CategoryId> =
        import.rows.iter().filter_map(|row| row.content.category.as_ref()).collect();
    let named: Vec<CategoryId> = named.into_iter().cloned().collect();
    let existing: HashSet<CategoryId> = categories::existing(tx, &named).await?.into_iter().collect();
    for (index, row) in import.rows.iter().enumerate() {
        if let Some(category) = &row.content.category
            && !existing.contains(category)
        {
            return Err(Error::invalid(
                &format!("products[{index}].category"),
                format!("`{category}` does not exist"),
            ));
        }
    }
    Ok(())
}

async fn update(
    tx: &mut Tx,
    index: usize,
    row: &ImportRow,
    before: &Product,
    cause: &Cause,
) -> Result<(Product, ImportOutcome)> {
    if row.seller != before.seller {
        let problem = format!("is fixed to `{}` for the code `{}`", before.seller, before.code);
        return Err(Error::invalid(&format!("products[{index}].seller"), problem));
    }
    let mut after = before.clone();
    if !after.import(row.content.clone(), cause.at)? {
        return Ok((after, ImportOutcome::Unchanged));
    }
    products::update(tx, before, &after).await?;
    Ok((after, ImportOutcome::Updated))
}

fn create(row: &ImportRow, cause: &Cause) -> Result<Product> {
    let mut product = Product {
        id: ProductId::generate(),
        code: row.code.clone(),
        seller: row.seller.clone(),
        state: ProductState::Draft,
        content: row.content.clone(),
        version: 0,
        created_at: cause.at,
        updated_at: cause.at,
    };
    product.publish(cause.at)?;
    Ok(product)
}

fn imported(product: &Product, outcome: ImportOutcome) -> ImportedProduct {
    ImportedProduct {
        product: product.id.name(),
        variants: product.content.variants.iter().map(|variant| variant.id.name()).collect(),
        outcome: outcome.into(),
    }
}
