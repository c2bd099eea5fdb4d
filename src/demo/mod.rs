//! The demo shop: a small grocer's catalog, stock in two locations, three people.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use shopmesh_identity::{
    IdentityHandle,
    seed::{self, SeedUser},
};
use shopmesh_mesh::{ServiceName, client::MeshClient, server::RoleBinding};
use shopmesh_proto::{
    catalog::v1::{
        Attribute, AttributeDefinition, AttributeType, Category, CreateAttributeDefinitionRequest,
        CreateCategoryRequest, ImportProductsRequest, ListCategoriesRequest, Price, Product, Variant,
        attribute, attribute_service_client::AttributeServiceClient,
        category_service_client::CategoryServiceClient,
        product_import_service_client::ProductImportServiceClient,
    },
    google::r#type::Money,
    inventory::v1::{
        CreateLocationRequest, ImportStockRequest, Location, StockCount,
        inventory_service_client::InventoryServiceClient,
        stock_import_service_client::StockImportServiceClient,
    },
    policy::Role,
};

/// Password of the demo users, who exist only in `up`.
pub const PASSWORD: &str = "demo-password";
/// Sign-in names of the demo users.
pub const SHOPPER: &str = "shopper@shopmesh.example";
/// Staff of `sellers/house`.
pub const SELLER: &str = "seller@shopmesh.example";
/// Staff of the deployment.
pub const OPERATOR: &str = "operator@shopmesh.example";

#[derive(Deserialize)]
struct Catalog {
    category: Vec<DemoCategory>,
}

#[derive(Deserialize)]
struct DemoCategory {
    code: String,
    title: String,
    products: Vec<DemoProduct>,
}

#[derive(Deserialize)]
struct DemoProduct {
    code: String,
    title: String,
    brand: String,
    r#type: String,
    size: String,
    price: i64,
    stock: i64,
    organic: bool,
    description: String,
}

/// Makes the demo users.
pub async fn seed_users(identity: &IdentityHandle) -> anyhow::Result<()> {
    let user = |email: &str, display_name: &str, bindings: &[(Role, &str)]| SeedUser {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        display_name: display_name.to_owned(),
        bindings: bindings
            .iter()
            .map(|(role, scope)| RoleBinding { role: *role, scope: (*scope).to_owned() })
            .collect(),
    };
    let users = [
        user(SHOPPER, "Sam Shopper", &[]),
        user(SELLER, "Sally Seller", &[(Role::Seller, "sellers/house")]),
        user(OPERATOR, "Oscar Operator", &[(Role::Operator, "")]),
    ];
    seed::ensure(identity, &users).await?;
    Ok(())
}

/// Loads catalog and stock as an operator would. Every step may be repeated.
pub async fn seed(operator: &MeshClient) -> anyhow::Result<()> {
    let catalog: Catalog = toml::from_str(include_str!("catalog.toml")).context("the demo catalog")?;
    let categories = seed_categories(operator, &catalog).await.context("demo categories")?;
    let variants = seed_products(operator, &catalog, &categories).await.context("demo products")?;
    seed_stock(operator, &catalog, &variants).await.context("demo stock")
}

/// Categories by code.
async fn seed_categories(
    operator: &MeshClient,
    catalog: &Catalog,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut client = CategoryServiceClient::new(operator.channel(ServiceName::Catalog));
    let (mut names, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let request = ListCategoriesRequest { page_size: 1000, page_token };
        let page = client.list_categories(request).await?.into_inner();
        let roots = page.categories.into_iter().filter(|known| known.parent.is_empty());
        names.extend(roots.map(|known| (known.code, known.name)));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    for category in
        catalog.category.iter().filter(|category| !names.contains_key(&category.code)).collect::<Vec<_>>()
    {
        let wanted =
            Category { code: category.code.clone(), title: category.title.clone(), ..Default::default() };
        let made =
            client.create_category(CreateCategoryRequest { category: Some(wanted) }).await?.into_inner();
        names.insert(made.code, made.name);
    }
    Ok(names)
}

/// Variants in the order of the catalog.
async fn seed_products(
    operator: &MeshClient,
    catalog: &Catalog,
    categories: &BTreeMap<String, String>,
) -> anyhow::Result<Vec<String>> {
    let organic = AttributeDefinition {
        key: "organic".into(),
        title: "Organic".into(),
        r#type: AttributeType::Flag.into(),
        unit: String::new(),
    };
    AttributeServiceClient::new(operator.channel(ServiceName::Catalog))
        .create_attribute_definition(CreateAttributeDefinitionRequest { attribute_definition: Some(organic) })
        .await?;
    let products = catalog
        .category
        .iter()
        .flat_map(|category| category.products.iter().map(|demo| product(demo, &categories[&category.code])))
        .collect();
    let mut client = ProductImportServiceClient::new(operator.channel(ServiceName::Catalog));
    let imported = client.import_products(ImportProductsRequest { products }).await?.into_inner().products;
    Ok(imported.into_iter().flat_map(|product| product.variants).collect())
}

fn product(demo: &DemoProduct, category: &str) -> Product {
    let amount = Money {
        currency_code: "USD".into(),
        units: demo.price / 100,
        nanos: i32::try_from(demo.price % 100).expect("less than 100") * 10_000_000,
    };
    let variant = Variant {
        sku: demo.code.to_uppercase(),
        package_size: demo.size.clone(),
        prices: vec![Price { channel: "channels/default".into(), amount: Some(amount) }],
        ..Default::default()
    };
    Product {
        code: demo.code.clone(),
        title: demo.title.clone(),
        description: demo.description.clone(),
        brand: demo.brand.clone(),
        product_type: demo.r#type.clone(),
        category: category.to_owned(),
        attributes: vec![Attribute {
            key: "organic".into(),
            value: Some(attribute::Value::Flag(demo.organic)),
        }],
        variants: vec![variant],
        ..Default::default()
    }
}

/// Two thirds in the first location, the rest in the second.
async fn seed_stock(operator: &MeshClient, catalog: &Catalog, variants: &[String]) -> anyhow::Result<()> {
    let mut locations = InventoryServiceClient::new(operator.channel(ServiceName::Inventory));
    for (name, title, priority) in
        [("locations/east", "East warehouse", 1), ("locations/west", "West warehouse", 2)]
    {
        let location = Location { name: name.into(), title: title.into(), priority };
        locations.create_location(CreateLocationRequest { location: Some(location) }).await?;
    }
    let units = catalog.category.iter().flat_map(|category| &category.products).map(|demo| demo.stock);
    let count = |variant: &str, location: &str, on_hand: i64| StockCount {
        variant: variant.to_owned(),
        location: location.to_owned(),
        seller: String::new(),
        on_hand,
    };
    let counts = variants
        .iter()
        .zip(units)
        .flat_map(|(variant, units)| {
            let west = units / 3;
            [count(variant, "locations/east", units - west), count(variant, "locations/west", west)]
        })
        .collect();
    StockImportServiceClient::new(operator.channel(ServiceName::Inventory))
        .import_stock(ImportStockRequest { count_id: "demo".into(), counts })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_is_large_enough_and_unambiguous() {
        let catalog: Catalog = toml::from_str(include_str!("catalog.toml")).unwrap();
        assert!(catalog.category.len() >= 8);
        let products: Vec<_> = catalog.category.iter().flat_map(|category| &category.products).collect();
        assert!(products.len() >= 60);
        let codes: std::collections::BTreeSet<_> = products.iter().map(|product| &product.code).collect();
        assert_eq!(codes.len(), products.len());
        assert!(products.iter().all(|product| product.price > 0 && product.stock > 0));
    }
}
