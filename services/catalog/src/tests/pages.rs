//! Pages end by their bytes, so that nobody's large products make a list fail.

use prost::Message;
use shopmesh_kit::page::PAGE_BYTES;

use super::*;

/// A product of `count` variants, as large as the contract lets one with such texts be.
fn large(code: &str, count: usize) -> Product {
    let variants = (0..count).map(|number| Variant {
        title: "x".repeat(200),
        package_size: "y".repeat(50),
        ..variant(&format!("{code}-{number}-{}", "s".repeat(40)), 100)
    });
    Product { variants: variants.collect(), ..tea(code) }
}

async fn list(shop: &Shop, page_token: &str) -> ListProductsResponse {
    let request = ListProductsRequest {
        page_size: 100,
        page_token: page_token.into(),
        ..ListProductsRequest::default()
    };
    shop.list(Principal::Anonymous, request).await.unwrap()
}

#[tokio::test]
async fn a_seller_with_large_products_leaves_the_list_whole() {
    let shop = Shop::open().await;
    for number in 0..12 {
        let made = shop.create(large(&format!("large-{number}"), 300)).await.unwrap();
        shop.publish(&made.name).await.unwrap();
        let small = shop.create(tea(&format!("small-{number}"))).await.unwrap();
        shop.publish(&small.name).await.unwrap();
    }
    let (mut codes, mut page_token, mut pages) = (std::collections::BTreeSet::new(), String::new(), 0);
    loop {
        let page = list(&shop, &page_token).await;
        assert!(page.encoded_len() <= PAGE_BYTES + 1024, "{} bytes", page.encoded_len());
        assert!(!page.products.is_empty());
        for product in page.products {
            assert!(codes.insert(product.code), "none twice");
        }
        pages += 1;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(codes.len(), 24);
    assert!(pages > 3, "{pages}");
}

#[tokio::test]
async fn a_product_fits_into_a_page_alone() {
    let shop = Shop::open().await;
    let refused = shop.create(large("too-large", 1000)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().starts_with("product: takes some"), "{refused}");
    let plain = (0..2000).map(|number| variant(&format!("P{number}"), 100)).collect();
    let made = shop.create(Product { variants: plain, ..tea("plain") }).await.unwrap();
    assert!(made.encoded_len() <= PAGE_BYTES, "{} bytes", made.encoded_len());
    let larger = Product { name: made.name.clone(), description: "d".repeat(10_000), ..large("plain", 900) };
    let refused = shop.update(operator(), larger, &[]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "by an update as well");
}
