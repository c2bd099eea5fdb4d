//! Examples of catalog.

use serde_json::{Value, json};

use crate::contract::world::{World, product};

pub async fn body(method: &str, world: &World) -> Option<Value> {
    Some(match method {
        "catalog.v1.ProductService/GetProduct" => json!({"name": world.product().await["name"]}),
        "catalog.v1.ProductService/ListProducts"
        | "catalog.v1.CategoryService/ListCategories"
        | "catalog.v1.AttributeService/ListAttributeDefinitions"
        | "catalog.v1.ChannelService/ListChannels" => json!({}),
        "catalog.v1.ProductService/SearchProducts" => json!({"query": "tea"}),
        "catalog.v1.ProductService/CreateProduct" => json!({"product": product(world.unique())}),
        "catalog.v1.ProductService/UpdateProduct" => {
            let name = world.draft().await["name"].clone();
            json!({"product": {"name": name, "title": "Renamed"}, "updateMask": "title"})
        }
        "catalog.v1.ProductService/PublishProduct" => json!({"name": world.draft().await["name"]}),
        "catalog.v1.ProductService/ArchiveProduct" => json!({"name": world.product().await["name"]}),
        "catalog.v1.ProductImportService/ImportProducts" => json!({"products": [product(world.unique())]}),
        "catalog.v1.QuoteService/QuoteVariants" => {
            json!({"channel": "channels/default", "variants": [world.variant().await]})
        }
        "catalog.v1.CategoryService/CreateCategory" => json!({"category": category(world)}),
        "catalog.v1.CategoryService/GetCategory" | "catalog.v1.CategoryService/DeleteCategory" => {
            json!({"name": new_category(world).await})
        }
        "catalog.v1.CategoryService/MoveCategory" => {
            json!({"name": new_category(world).await, "parent": new_category(world).await})
        }
        "catalog.v1.AttributeService/CreateAttributeDefinition" => {
            let key = format!("key_{}", world.unique());
            json!({"attributeDefinition": {"key": key, "title": "Key", "type": "ATTRIBUTE_TYPE_TEXT"}})
        }
        "catalog.v1.ChannelService/GetChannel" => json!({"name": "channels/default"}),
        "catalog.v1.ChannelService/CreateChannel" => json!({"channel": {
            "name": format!("channels/c{}", world.unique()), "title": "Europe", "currencyCode": "EUR", "locale": "de-DE",
            "taxMode": "TAX_MODE_INCLUSIVE", "countries": ["DE"],
        }}),
        _ => return None,
    })
}

fn category(world: &World) -> Value {
    json!({"code": format!("category-{}", world.unique()), "title": "Category"})
}

async fn new_category(world: &World) -> Value {
    let category = json!({"category": category(world)});
    world.operator.ok("catalog.v1.CategoryService/CreateCategory", category).await["name"].clone()
}
