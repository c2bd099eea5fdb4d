//! Search follows what was committed.

use super::*;

async fn search(shop: &Shop, request: SearchProductsRequest) -> Result<SearchProductsResponse, Status> {
    message(shop.rpcs.search_products(by(Principal::Anonymous, "SearchProducts", request)).await)
}

fn words(query: &str) -> SearchProductsRequest {
    SearchProductsRequest { query: query.into(), ..SearchProductsRequest::default() }
}

#[tokio::test]
async fn what_is_published_is_found_and_counted() {
    let mut shop = Shop::open().await;
    let food = shop.category("", "food").await.unwrap();
    let drinks = shop.category(&food.name, "drinks").await.unwrap();
    let made = shop.create(Product { category: drinks.name.clone(), ..tea("tea") }).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    assert_eq!(search(&shop, words("earl")).await.unwrap().total_size, 0, "a draft is not found");
    shop.publish(&made.name).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    let found = search(&shop, words("food earl")).await.unwrap();
    assert_eq!((found.total_size, found.hits[0].product.as_str()), (1, made.name.as_str()));
    assert_eq!(found.hits[0].price, made.variants[0].prices[0].amount);
    let labels: Vec<_> =
        found.facets[0].values.iter().map(|value| (value.label.as_str(), value.count)).collect();
    assert_eq!(found.facets[0].field, "category");
    assert_eq!(labels.len(), 2);
    assert!(labels.contains(&("FOOD", 1)) && labels.contains(&("DRINKS", 1)));
    let below = SearchProductsRequest { category: food.name, ..words("") };
    assert_eq!(search(&shop, below).await.unwrap().total_size, 1);
}

#[tokio::test]
async fn a_moved_category_takes_its_products_along() {
    let mut shop = Shop::open().await;
    let food = shop.category("", "food").await.unwrap();
    let garden = shop.category("", "garden").await.unwrap();
    let herbs = shop.category(&food.name, "herbs").await.unwrap();
    let made = shop.create(Product { category: herbs.name.clone(), ..tea("mint") }).await.unwrap();
    shop.publish(&made.name).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    let within = |category: &str| SearchProductsRequest { category: category.into(), ..words("") };
    assert_eq!(search(&shop, within(&food.name)).await.unwrap().total_size, 1);
    shop.relocate(&herbs.name, &garden.name).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    assert_eq!(search(&shop, within(&food.name)).await.unwrap().total_size, 0);
    assert_eq!(search(&shop, within(&garden.name)).await.unwrap().total_size, 1);
    assert_eq!(search(&shop, words("garden")).await.unwrap().total_size, 1);
}

#[tokio::test]
async fn a_hit_shows_the_variant_within_the_prices_of_its_channel() {
    let mut shop = Shop::open().await;
    let default = shop.default_channel().await;
    shop.create_channel(Channel { name: "channels/outlet".into(), ..default }).await.unwrap();
    let variants = vec![variant("SMALL", 300), variant("LARGE", 900)];
    let made = shop.create(Product { variants, ..tea("tea") }).await.unwrap();
    shop.publish(&made.name).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    let shown = async |channel: &str, min_price_minor, max_price_minor| {
        let request = SearchProductsRequest {
            channel: channel.into(),
            min_price_minor,
            max_price_minor,
            ..words("earl")
        };
        let found = search(&shop, request).await.unwrap();
        assert_eq!(i64::try_from(found.hits.len()), Ok(found.total_size));
        found.hits.into_iter().next().map(|hit| (hit.variant, hit.price.unwrap().units))
    };
    let (small, large) = (&made.variants[0].name, &made.variants[1].name);
    assert_eq!(shown("", 0, 0).await, Some((small.clone(), 3)));
    assert_eq!(shown("", 500, 0).await, Some((large.clone(), 9)));
    assert_eq!(shown("", 100, 300).await, Some((small.clone(), 3)));
    assert_eq!(shown("", 400, 800).await, None, "between the two");
    assert_eq!(shown("channels/outlet", 0, 0).await, None, "without a price there");
}

#[tokio::test]
async fn pages_follow_and_foreign_tokens_are_refused() {
    let mut shop = Shop::open().await;
    for number in 0..3 {
        let made = shop.create(tea(&format!("tea-{number}"))).await.unwrap();
        shop.publish(&made.name).await.unwrap();
    }
    shop.indexer.catch_up().await.unwrap();
    let mut names = std::collections::HashSet::new();
    let mut request = SearchProductsRequest { page_size: 2, ..words("earl") };
    let first = search(&shop, request.clone()).await.unwrap();
    names.extend(first.hits.into_iter().map(|hit| hit.product));
    request.page_token = first.next_page_token;
    let second = search(&shop, request.clone()).await.unwrap();
    names.extend(second.hits.into_iter().map(|hit| hit.product));
    assert_eq!((names.len(), second.next_page_token.as_str()), (3, ""));
    let other = SearchProductsRequest { query: "grey".into(), ..request };
    assert_eq!(search(&shop, other).await.unwrap_err().code(), Code::InvalidArgument);
    let nowhere = SearchProductsRequest { channel: "channels/nowhere".into(), ..words("") };
    assert_eq!(search(&shop, nowhere).await.unwrap_err().code(), Code::InvalidArgument);
    let reversed = SearchProductsRequest { min_price_minor: 2, max_price_minor: 1, ..words("") };
    assert_eq!(search(&shop, reversed).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_index_of_another_database_is_built_anew() {
    let mut shop = Shop::open().await;
    let made = shop.create(tea("tea")).await.unwrap();
    shop.publish(&made.name).await.unwrap();
    shop.indexer.catch_up().await.unwrap();
    assert_eq!(search(&shop, words("earl")).await.unwrap().total_size, 1);
    let Shop { app, indexer, folder, .. } = shop;
    drop(indexer);
    let db = Db::open(&folder.path().join("other.db"), &store::MIGRATOR).await.unwrap();
    let mut shop = Shop::on(db, app.index.clone(), folder);
    shop.indexer.catch_up().await.unwrap();
    assert_eq!(search(&shop, words("earl")).await.unwrap().total_size, 0);
}
