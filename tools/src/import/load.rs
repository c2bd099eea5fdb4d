//! Writes an assortment into the shop: categories, products, stock.

use std::{collections::HashMap, time::Instant};

use anyhow::{Context, ensure};
use shopmesh_kit::money::Money;
use shopmesh_proto::{
    catalog::v1::{
        Attribute, AttributeDefinition, AttributeType, Category, CreateAttributeDefinitionRequest,
        CreateCategoryRequest, ImportOutcome, ImportProductsRequest, ListCategoriesRequest, Price, Product,
        Variant, attribute::Value,
    },
    inventory::v1::{CreateLocationRequest, ImportStockRequest, ListLocationsRequest, Location, StockCount},
};
use tokio::task::JoinSet;

use super::{
    assortment::{Assortment, CategoryPath, Item},
    report::Report,
    shop::Shop,
};
use crate::{
    complete_journey::{CHANNEL, usd},
    progress::bar,
};

/// Names the stock count: repeating it changes nothing.
const COUNT_ID: &str = "complete-journey";
const MAKER: &str = "maker";
const EAST: &str = "locations/east";
const WEST: &str = "locations/west";

/// Products in one request: small enough to stay far below the largest message.
const PRODUCTS_PER_REQUEST: usize = 500;
const COUNTS_PER_REQUEST: usize = 2000;

/// Requests on their way: while one is written, the next is decoded and checked.
const IN_FLIGHT: usize = 3;

/// Writes everything in `assortment`, counting in `report`.
pub async fn load(shop: &Shop, assortment: &Assortment, report: &mut Report) -> anyhow::Result<()> {
    let names = categories(shop, assortment, report).await?;
    define_maker(shop).await?;
    let started = Instant::now();
    let variants = products(shop, &assortment.items, &names, report).await?;
    report.products_took = started.elapsed();
    stock(shop, &assortment.items, &variants, report).await
}

/// Creates the categories that are missing; the name of each by its path.
async fn categories(
    shop: &Shop,
    assortment: &Assortment,
    report: &mut Report,
) -> anyhow::Result<HashMap<CategoryPath, String>> {
    let mut names = known_categories(shop).await?;
    let bar = bar("categories", assortment.categories.len())?;
    let mut client = shop.categories.clone();
    // A shorter path sorts first, so a parent is there before its children.
    for (path, title) in &assortment.categories {
        bar.inc(1);
        if names.contains_key(path) {
            report.categories_known += 1;
            continue;
        }
        let (code, above) = path.split_last().context("a category without a code")?;
        let category = Category {
            parent: names.get(above).cloned().unwrap_or_default(),
            code: code.clone(),
            title: title.clone(),
            ..Category::default()
        };
        let request = CreateCategoryRequest { category: Some(category) };
        let made =
            client.create_category(request).await.with_context(|| format!("category {}", path.join("/")))?;
        names.insert(path.clone(), made.into_inner().name);
        report.categories_created += 1;
    }
    bar.finish();
    Ok(names)
}

async fn known_categories(shop: &Shop) -> anyhow::Result<HashMap<CategoryPath, String>> {
    let mut client = shop.categories.clone();
    let mut names = HashMap::new();
    let mut paths: HashMap<String, CategoryPath> = HashMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListCategoriesRequest { page_size: 1000, page_token };
        let page = client.list_categories(request).await.context("listing categories")?.into_inner();
        for category in page.categories {
            let mut path = paths.get(&category.parent).cloned().unwrap_or_default();
            path.push(category.code);
            paths.insert(category.name.clone(), path.clone());
            names.insert(path, category.name);
        }
        if page.next_page_token.is_empty() {
            return Ok(names);
        }
        page_token = page.next_page_token;
    }
}

async fn define_maker(shop: &Shop) -> anyhow::Result<()> {
    let definition = AttributeDefinition {
        key: MAKER.to_owned(),
        title: "Maker".to_owned(),
        r#type: AttributeType::Text.into(),
        ..AttributeDefinition::default()
    };
    let request = CreateAttributeDefinitionRequest { attribute_definition: Some(definition) };
    shop.attributes
        .clone()
        .create_attribute_definition(request)
        .await
        .context("defining the attribute `maker`")?;
    Ok(())
}

/// Imports all products; the variant of each, in their order.
async fn products(
    shop: &Shop,
    items: &[Item],
    categories: &HashMap<CategoryPath, String>,
    report: &mut Report,
) -> anyhow::Result<Vec<String>> {
    let bar = bar("products", items.len())?;
    let mut variants = vec![String::new(); items.len()];
    let mut requests = JoinSet::new();
    let mut chunks = items.chunks(PRODUCTS_PER_REQUEST).enumerate();
    loop {
        while requests.len() < IN_FLIGHT
            && let Some((number, chunk)) = chunks.next()
        {
            let products = chunk.iter().map(|item| product(item, categories)).collect();
            let mut client = shop.products.clone();
            let call =
                async move { (number, client.import_products(ImportProductsRequest { products }).await) };
            requests.spawn(call);
        }
        let Some(answer) = requests.join_next().await else { break };
        let (number, answer) = answer?;
        let done = answer.context("importing products")?.into_inner().products;
        for (offset, imported) in done.into_iter().enumerate() {
            match imported.outcome() {
                ImportOutcome::Created => report.products_created += 1,
                ImportOutcome::Updated => report.products_updated += 1,
                ImportOutcome::Unchanged | ImportOutcome::Unspecified => report.products_unchanged += 1,
            }
            let slot = variants.get_mut(number * PRODUCTS_PER_REQUEST + offset);
            *slot.context("the shop answered more products than were sent")? =
                imported.variants.into_iter().next().context("an imported product has no variant")?;
            bar.inc(1);
        }
    }
    bar.finish();
    ensure!(
        variants.iter().all(|variant| !variant.is_empty()),
        "the shop answered fewer products than were sent"
    );
    Ok(variants)
}

fn product(item: &Item, categories: &HashMap<CategoryPath, String>) -> Product {
    let amount = Money::new(item.price_cents, usd()).to_proto();
    let variant = Variant {
        sku: item.sku.clone(),
        package_size: item.package_size.clone(),
        prices: vec![Price { channel: CHANNEL.to_owned(), amount: Some(amount) }],
        ..Variant::default()
    };
    let maker = Attribute { key: MAKER.to_owned(), value: Some(Value::Text(item.maker.clone())) };
    Product {
        code: item.code.clone(),
        title: item.title.clone(),
        description: item.description.clone(),
        brand: item.brand.clone(),
        product_type: item.product_type.clone(),
        category: categories.get(&item.category).cloned().unwrap_or_default(),
        attributes: if item.maker.is_empty() { Vec::new() } else { vec![maker] },
        variants: vec![variant],
        ..Product::default()
    }
}

/// Sets the stock of every product that has any, in both locations.
async fn stock(shop: &Shop, items: &[Item], variants: &[String], report: &mut Report) -> anyhow::Result<()> {
    let known = shop.locations.clone().list_locations(ListLocationsRequest {}).await?.into_inner().locations;
    for (name, title, priority) in [(EAST, "East", 1), (WEST, "West", 2)] {
        // A location the shop has keeps the title and priority it was given.
        if known.iter().any(|known| known.name == name) {
            continue;
        }
        let location = Location { name: name.to_owned(), title: title.to_owned(), priority };
        let request = CreateLocationRequest { location: Some(location) };
        shop.locations.clone().create_location(request).await.with_context(|| format!("creating {name}"))?;
    }
    let count = |variant: &str, location: &str, on_hand| StockCount {
        variant: variant.to_owned(),
        location: location.to_owned(),
        on_hand,
        ..StockCount::default()
    };
    let counts: Vec<StockCount> = items
        .iter()
        .zip(variants)
        .flat_map(|(item, variant)| [count(variant, EAST, item.east), count(variant, WEST, item.west)])
        .filter(|count| count.on_hand > 0)
        .collect();
    let bar = bar("stock", counts.len())?;
    for counts in counts.chunks(COUNTS_PER_REQUEST) {
        let request = ImportStockRequest { count_id: COUNT_ID.to_owned(), counts: counts.to_vec() };
        let done = shop.stock.clone().import_stock(request).await.context("importing stock")?.into_inner();
        report.counts_applied += u64::try_from(done.applied).unwrap_or_default();
        report.counts_repeated += u64::try_from(done.repeated_rows).unwrap_or_default();
        bar.inc(u64::try_from(counts.len())?);
    }
    bar.finish();
    Ok(())
}
