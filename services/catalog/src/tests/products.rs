//! Products: who sees and changes what, and what is refused.

use super::*;

#[tokio::test]
async fn a_product_is_hidden_until_it_is_published() {
    let shop = Shop::open().await;
    let made = shop.create(Product { seller: "sellers/leaf".into(), ..tea("tea") }).await.unwrap();
    assert_eq!((made.state(), made.code.as_str()), (ProductState::Draft, "tea"));
    for stranger in [Principal::Anonymous, seller("sellers/other")] {
        assert_eq!(shop.get(stranger, &made.name).await.unwrap_err().code(), Code::NotFound);
    }
    assert_eq!(shop.get(seller("sellers/leaf"), &made.name).await.unwrap(), made);
    let published = shop.publish(&made.name).await.unwrap();
    assert_eq!(shop.get(Principal::Anonymous, &made.name).await.unwrap(), published);
    assert_eq!(shop.publish(&made.name).await.unwrap(), published, "a repeat changes nothing");
    shop.archive(&made.name).await;
    assert_eq!(shop.get(Principal::Anonymous, &made.name).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(shop.events(&made.name).await, 3);
}

#[tokio::test]
async fn a_seller_changes_only_his_own() {
    let shop = Shop::open().await;
    let made = shop.create(Product { seller: "sellers/leaf".into(), ..tea("tea") }).await.unwrap();
    let update = |who, product| shop.update(who, product, &["title"]);
    let renamed = Product { title: "Lady Grey".into(), brand: "Ignored".into(), ..made.clone() };
    let refused = update(seller("sellers/other"), renamed.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let done = update(seller("sellers/leaf"), renamed.clone()).await.unwrap();
    assert_eq!((done.title.as_str(), done.brand.as_str()), ("Lady Grey", "Leaf"));
    assert_eq!(done.variants[0].name, made.variants[0].name);
    let stale =
        update(seller("sellers/leaf"), Product { title: "Third".into(), ..made.clone() }).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let foreign = Product { seller: "sellers/leaf".into(), ..tea("x") };
    let refused = shop.create_by(seller("sellers/other"), foreign).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_removed_sku_comes_back_as_the_same_variant() {
    let shop = Shop::open().await;
    let made = shop
        .create(Product { variants: vec![variant("A", 1), variant("B", 1)], ..tea("tea") })
        .await
        .unwrap();
    let set = async |variants: Vec<Variant>| {
        let product = Product { name: made.name.clone(), variants, ..Product::default() };
        shop.update(operator(), product, &["variants"]).await.unwrap().variants
    };
    set(vec![variant("B", 1)]).await;
    let back = set(vec![variant("B", 1), variant("A", 2)]).await;
    assert_eq!((&back[1].name, &back[0].name), (&made.variants[0].name, &made.variants[1].name));
    set(vec![variant("B", 1)]).await;
    shop.create(Product { variants: vec![variant("A", 1)], ..tea("other") }).await.unwrap();
}

#[tokio::test]
async fn codes_and_skus_are_unique_and_a_refused_product_leaves_nothing() {
    let shop = Shop::open().await;
    shop.create(tea("tea")).await.unwrap();
    assert_eq!(shop.create(tea("tea")).await.unwrap_err().code(), Code::AlreadyExists);
    let same_sku = Product { variants: vec![variant("NEW", 1), variant("TEA", 1)], ..tea("other") };
    assert_eq!(shop.create(same_sku).await.unwrap_err().code(), Code::AlreadyExists);
    // Neither code nor SKU of the refused product is taken.
    shop.create(Product { variants: vec![variant("NEW", 1)], ..tea("other") }).await.unwrap();
    let slugged = shop.create(Product { code: String::new(), variants: vec![], ..tea("") }).await.unwrap();
    assert_eq!(slugged.code, "earl-grey");
}

#[tokio::test]
async fn every_title_makes_a_code_of_its_own() {
    let shop = Shop::open().await;
    let make = |title: &str, seller: &str| {
        let product = Product { title: title.into(), seller: seller.into(), variants: vec![], ..tea("") };
        shop.create(product)
    };
    let mut codes = std::collections::BTreeSet::new();
    for title in [
        "C",
        "C#",
        "C++",
        "Чай",
        "緑茶",
        "شاي",
        "😀",
        "!!!",
        "Łódź",
        "Lodz",
        "Straße",
        "茶 Tea",
        "Tea",
        "ชา Tea",
        "Tea!",
    ] {
        let made = make(title, "sellers/a").await.unwrap_or_else(|error| panic!("{title}: {error}"));
        assert!(codes.insert(made.code.clone()), "{title}: {}", made.code);
        let repeated = make(title, "sellers/a").await.unwrap_err();
        assert_eq!(repeated.code(), Code::AlreadyExists, "{title}");
        let elsewhere = make(title, "sellers/b").await.unwrap_or_else(|error| panic!("{title}: {error}"));
        assert!(codes.insert(elsewhere.code.clone()), "{title}: {}", elsewhere.code);
    }
    for code in ["c", "chai", "lodz", "strasse", "lu-cha", "product"] {
        assert!(codes.contains(code), "{code}: {codes:?}");
    }
}

#[tokio::test]
async fn of_two_at_once_with_one_sku_one_wins() {
    let shop = Shop::open().await;
    let make = |code: &str| shop.create(Product { variants: vec![variant("ONE", 100)], ..tea(code) });
    let (first, second) = tokio::join!(make("a"), make("b"));
    let lost = [&first, &second].into_iter().filter_map(|made| made.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].code(), Code::AlreadyExists);
}

#[tokio::test]
async fn skus_that_differ_in_case_are_one() {
    let shop = Shop::open().await;
    let of = |sku: &str| vec![variant(sku, 100)];
    let made = shop.create(Product { variants: of("Tea-1"), ..tea("a") }).await.unwrap();
    let refused = shop.create(Product { variants: of("TEA-1"), ..tea("b") }).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
    let respelt = Product { name: made.name.clone(), variants: of("TEA-1"), ..Product::default() };
    let respelt = shop.update(operator(), respelt, &["variants"]).await.unwrap();
    assert_eq!(respelt.variants[0].sku, "TEA-1", "as it is written now");
    assert_eq!(respelt.variants[0].name, made.variants[0].name, "and the same variant, with its stock");
}

#[tokio::test]
async fn bad_content_is_refused() {
    let shop = Shop::open().await;
    let mut euro = tea("euro");
    euro.variants[0].prices[0].amount.as_mut().unwrap().currency_code = "EUR".into();
    let mut fine = tea("fine");
    fine.variants[0].prices[0].amount.as_mut().unwrap().nanos = 1;
    let nowhere = Product { category: "categories/cat_01J00000000000000000000000".into(), ..tea("nowhere") };
    let undefined = Attribute { key: "organic".into(), value: Some(attribute::Value::Flag(true)) };
    for bad in [
        euro,
        fine,
        nowhere,
        Product { title: String::new(), ..tea("untitled") },
        Product { attributes: vec![undefined], ..tea("undefined") },
        Product { attributes: vec![Attribute { key: "organic".into(), value: None }], ..tea("empty") },
    ] {
        let code = bad.code.clone();
        assert_eq!(shop.create(bad).await.unwrap_err().code(), Code::InvalidArgument, "{code}");
    }
    let unpriced = shop.create(Product { variants: vec![], ..tea("unpriced") }).await.unwrap();
    assert_eq!(shop.publish(&unpriced.name).await.unwrap_err().code(), Code::FailedPrecondition);
}

async fn page(
    shop: &Shop,
    who: Principal,
    filter: &str,
    page_token: &str,
) -> Result<ListProductsResponse, Status> {
    let request = ListProductsRequest { page_size: 2, page_token: page_token.into(), filter: filter.into() };
    shop.list(who, request).await
}

#[tokio::test]
async fn lists_page_filter_and_hide() {
    let shop = Shop::open().await;
    for number in 0..5 {
        let brand = if number % 2 == 0 { "Even" } else { "Odd" };
        let made =
            shop.create(Product { brand: brand.into(), ..tea(&format!("tea-{number}")) }).await.unwrap();
        if number < 4 {
            shop.publish(&made.name).await.unwrap();
        }
    }
    let mut codes = Vec::new();
    let mut token = String::new();
    loop {
        let page = page(&shop, operator(), "", &token).await.unwrap();
        codes.extend(page.products.into_iter().map(|product| product.code));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(codes, ["tea-4", "tea-3", "tea-2", "tea-1", "tea-0"], "newest first, none twice");
    let even = page(&shop, Principal::Anonymous, "brand = \"Even\"", "").await.unwrap();
    assert_eq!(even.products.len(), 2, "the draft is hidden");
    assert!(even.next_page_token.is_empty());
    let drafts =
        page(&shop, seller("sellers/house"), "state = \"DRAFT\" AND brand = \"Even\"", "").await.unwrap();
    assert_eq!(drafts.products.len(), 1);
    let token = page(&shop, operator(), "", "").await.unwrap().next_page_token;
    for (filter, token) in [("brand = \"Odd\"", token.as_str()), ("", "garbage"), ("price > 3", "")] {
        assert_eq!(page(&shop, operator(), filter, token).await.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn quotes_name_what_cannot_be_sold() {
    let shop = Shop::open().await;
    let sold = shop.create(tea("sold")).await.unwrap();
    shop.publish(&sold.name).await.unwrap();
    let draft = shop.create(tea("draft")).await.unwrap();
    let unknown = "variants/var_01J00000000000000000000000".to_owned();
    let request = QuoteVariantsRequest {
        channel: "channels/default".into(),
        variants: vec![sold.variants[0].name.clone(), unknown.clone(), draft.variants[0].name.clone()],
    };
    let request = call(Principal::Workload(ServiceName::Orders), "QuoteService", "QuoteVariants", request);
    let answer = message(shop.rpcs.quote_variants(request).await).unwrap();
    assert_eq!(answer.quotes.len(), 1);
    assert_eq!(answer.quotes[0].unit_price, sold.variants[0].prices[0].amount);
    assert_eq!(answer.quotes[0].product, sold.name);
    assert_eq!(answer.unavailable, [unknown, draft.variants[0].name.clone()]);
}
