//! Categories, attribute definitions and channels.

use super::*;

async fn delete(shop: &Shop, name: &str) -> Result<(), Status> {
    let request = DeleteCategoryRequest { name: name.into() };
    let request = call(operator(), "CategoryService", "DeleteCategory", request);
    message(shop.rpcs.delete_category(request).await)
}

async fn codes(shop: &Shop) -> Vec<(String, i32)> {
    let mut codes = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCategoriesRequest { page_size: 2, page_token };
        let request = call(Principal::Anonymous, "CategoryService", "ListCategories", request);
        let page = message(shop.rpcs.list_categories(request).await).unwrap();
        codes.extend(page.categories.into_iter().map(|category| (category.code, category.depth)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return codes;
        }
    }
}

#[tokio::test]
async fn the_tree_lists_parents_first_and_moves_whole() {
    let shop = Shop::open().await;
    let food = shop.category("", "food").await.unwrap();
    let drinks = shop.category("", "drinks").await.unwrap();
    let tea = shop.category(&food.name, "tea").await.unwrap();
    let green = shop.category(&tea.name, "green").await.unwrap();
    let listed = |rows: &[(&str, i32)]| {
        rows.iter().map(|(code, depth)| ((*code).to_owned(), *depth)).collect::<Vec<_>>()
    };
    assert_eq!(codes(&shop).await, listed(&[("food", 1), ("tea", 2), ("green", 3), ("drinks", 1)]));
    shop.relocate(&tea.name, &drinks.name).await.unwrap();
    assert_eq!(codes(&shop).await, listed(&[("food", 1), ("drinks", 1), ("tea", 2), ("green", 3)]));
    assert_eq!(shop.relocate(&drinks.name, &green.name).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(shop.relocate(&green.name, "").await.unwrap().depth, 1);
    assert_eq!(codes(&shop).await, listed(&[("food", 1), ("drinks", 1), ("tea", 2), ("green", 1)]));
}

#[tokio::test]
async fn siblings_differ_and_depth_ends() {
    let shop = Shop::open().await;
    let root = shop.category("", "root").await.unwrap();
    assert_eq!(shop.category("", "root").await.unwrap_err().code(), Code::AlreadyExists);
    let below = shop.category(&root.name, "root").await.unwrap();
    assert_eq!(shop.relocate(&below.name, "").await.unwrap_err().code(), Code::AlreadyExists);
    let mut deepest = below;
    for _ in 3..=10 {
        deepest = shop.category(&deepest.name, "level").await.unwrap();
    }
    assert_eq!(shop.category(&deepest.name, "level").await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn only_an_empty_category_is_deleted() {
    let shop = Shop::open().await;
    let food = shop.category("", "food").await.unwrap();
    let tea = shop.category(&food.name, "tea").await.unwrap();
    shop.create(Product { category: tea.name.clone(), ..super::tea("tea") }).await.unwrap();
    for full in [&food.name, &tea.name] {
        assert_eq!(delete(&shop, full).await.unwrap_err().code(), Code::FailedPrecondition);
    }
    let empty = shop.category("", "empty").await.unwrap();
    delete(&shop, &empty.name).await.unwrap();
    assert_eq!(delete(&shop, &empty.name).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_definition_types_its_attribute() {
    let shop = Shop::open().await;
    let define = async |kind: AttributeType| {
        let definition = AttributeDefinition {
            key: "organic".into(),
            title: "Organic".into(),
            r#type: kind.into(),
            ..AttributeDefinition::default()
        };
        let request = CreateAttributeDefinitionRequest { attribute_definition: Some(definition) };
        let request = call(operator(), "AttributeService", "CreateAttributeDefinition", request);
        message(shop.rpcs.create_attribute_definition(request).await)
    };
    define(AttributeType::Flag).await.unwrap();
    define(AttributeType::Flag).await.unwrap();
    assert_eq!(define(AttributeType::Text).await.unwrap_err().code(), Code::AlreadyExists);
    let attribute = |value| vec![Attribute { key: "organic".into(), value: Some(value) }];
    let flag = attribute(attribute::Value::Flag(false));
    let made = shop.create(Product { attributes: flag.clone(), ..super::tea("tea") }).await.unwrap();
    assert_eq!(made.attributes, flag);
    let text = attribute(attribute::Value::Text("yes".into()));
    let refused = shop.create(Product { attributes: text, ..super::tea("other") }).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn the_default_channel_is_there() {
    let shop = Shop::open().await;
    let default = shop.default_channel().await;
    assert_eq!((default.currency_code.as_str(), default.tax_mode()), ("USD", TaxMode::Exclusive));
    assert_eq!((default.locale.as_str(), default.countries.join(" ").as_str()), ("en-US", "US CA"));
    shop.create_channel(default.clone()).await.unwrap();
    let euro = Channel { currency_code: "EUR".into(), ..default.clone() };
    assert_eq!(shop.create_channel(euro.clone()).await.unwrap_err().code(), Code::AlreadyExists);
    let unknown = Channel { name: "channels/x".into(), currency_code: "XQQ".into(), ..default };
    assert_eq!(shop.create_channel(unknown).await.unwrap_err().code(), Code::InvalidArgument);
    shop.create_channel(Channel { name: "channels/europe".into(), ..euro }).await.unwrap();
    let request = call(Principal::Anonymous, "ChannelService", "ListChannels", ListChannelsRequest {});
    assert_eq!(message(shop.rpcs.list_channels(request).await).unwrap().channels.len(), 2);
}
