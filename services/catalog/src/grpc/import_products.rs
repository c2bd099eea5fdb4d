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
        product::{Content, HOUSE_SELLER, Product, ProductState, sku_key},
    },
    events::published,
    store::{
        categories,
        products::{self, Changed},
        rules,
    },
};

/// Most variants in one request: their names have to fit into the answer.
const MAX_VARIANTS: usize = 20_000;

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
    if given.iter().map(|product| product.variants.len()).sum::<usize>() > MAX_VARIANTS {
        let problem = format!("have more than {MAX_VARIANTS} variants together; send fewer products at once");
        return Err(Error::invalid("products", problem));
    }
    let rows: Vec<ImportRow> =
        given.into_iter().enumerate().map(|(index, product)| row(index, product)).collect::<Result<_>>()?;
    check_distinct(&rows)?;
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

/// Refuses a code or SKU that stands in two rows, and names both.
fn check_distinct(rows: &[ImportRow]) -> Result<()> {
    let (mut codes, mut skus) = (HashMap::new(), HashMap::new());
    for (index, row) in rows.iter().enumerate() {
        if let Some(first) = codes.insert(row.code.as_str(), index) {
            let problem = format!("`{}` is the code of products[{first}] too; keep one of them", row.code);
            return Err(Error::invalid(&format!("products[{index}].code"), problem));
        }
        for (number, variant) in row.content.variants.iter().enumerate() {
            // Twice in one product is refused by its own rules.
            if let Some(first) = skus.insert(sku_key(&variant.sku), index)
                && first != index
            {
                let problem = format!("`{}` is sold by products[{first}] too; keep one of them", variant.sku);
                return Err(Error::invalid(&format!("products[{index}].variants[{number}].sku"), problem));
            }
        }
    }
    Ok(())
}

async fn apply(tx: &mut Tx, import: &Import) -> Result<Vec<ImportedProduct>> {
    check(&mut *tx, import).await?;
    let codes: Vec<&str> = import.rows.iter().map(|row| row.code.as_str()).collect();
    let known = products::by_codes(&mut *tx, &codes).await?;
    let known: HashMap<&str, &Product> =
        known.iter().map(|product| (product.code.as_str(), product)).collect();
    check_skus(&mut *tx, import, &known).await?;
    let mut done = Vec::with_capacity(import.rows.len());
    let mut changed = Vec::new();
    for (index, row) in import.rows.iter().enumerate() {
        done.push(match known.get(row.code.as_str()) {
            Some(before) => update(index, row, before, &import.cause)?,
            None => (create(row, &import.cause)?, ImportOutcome::Created),
        });
    }
    let of = |outcome| done.iter().filter(move |(_, made)| *made == outcome).map(|(product, _)| product);
    for after in of(ImportOutcome::Updated) {
        changed.extend(known.get(after.code.as_str()).map(|before| Changed { before, after }));
    }
    let created: Vec<&Product> = of(ImportOutcome::Created).collect();
    products::write(&mut *tx, &created, &changed).await?;
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
        if !row.content.is_sellable() {
            let problem = "hold no price, and what is imported is published; give one";
            return Err(Error::invalid(&format!("products[{index}].variants"), problem));
        }
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

/// Refuses a SKU that stays with another product. One that a row takes away from its product may go to another row.
async fn check_skus(tx: &mut Tx, import: &Import, known: &HashMap<&str, &Product>) -> Result<()> {
    let given = || {
        import.rows.iter().enumerate().flat_map(|(index, row)| {
            row.content
                .variants
                .iter()
                .enumerate()
                .map(move |(number, variant)| (index, number, &variant.sku))
        })
    };
    let skus: Vec<String> = given().map(|(_, _, sku)| sku_key(sku)).collect();
    let owners = products::of_skus(tx, &skus).await?;
    let imported: HashSet<&ProductId> = known.values().map(|product| &product.id).collect();
    for (index, number, sku) in given() {
        let own = known.get(import.rows[index].code.as_str()).map(|product| &product.id);
        // An owner among the imported does not keep it: no other row holds this SKU.
        if let Some(owner) = owners.get(&sku_key(sku))
            && Some(owner) != own
            && !imported.contains(owner)
        {
            let at = format!("products[{index}].variants[{number}].sku");
            let problem = format!("{at}: `{sku}` belongs to it; choose another, or take it away there first");
            return Err(Error::already_exists(&owner.name(), problem));
        }
    }
    Ok(())
}

fn update(
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
