//! Bulk upserts.

use super::*;

async fn import(shop: &Shop, products: Vec<Product>) -> Result<Vec<ImportedProduct>, Status> {
    let request = ImportProductsRequest { products };
    let request = call(operator(), "ProductImportService", "ImportProducts", request);
    Ok(message(shop.rpcs.import_products(request).await)?.products)
}

fn outcomes(imported: &[ImportedProduct]) -> Vec<ImportOutcome> {
    imported.iter().map(ImportedProduct::outcome).collect()
}

#[tokio::test]
async fn importing_twice_changes_only_what_differs() {
    let shop = Shop::open().await;
    let first = import(&shop, vec![tea("a"), tea("b")]).await.unwrap();
    assert_eq!(outcomes(&first), [ImportOutcome::Created; 2]);
    let seen = shop.get(Principal::Anonymous, &first[0].product).await.unwrap();
    assert_eq!((seen.state(), &seen.variants[0].name), (ProductState::Active, &first[0].variants[0]));
    let dearer = Product { variants: vec![variant("B", 999)], ..tea("b") };
    let second = import(&shop, vec![dearer, tea("c"), tea("a")]).await.unwrap();
    assert_eq!(
        outcomes(&second),
        [ImportOutcome::Updated, ImportOutcome::Created, ImportOutcome::Unchanged],
        "in the order of the request"
    );
    assert_eq!(second[0].variants, first[1].variants, "a variant keeps its id by its SKU");
    assert_eq!((shop.events(&first[0].product).await, shop.events(&first[1].product).await), (1, 2));
}

#[tokio::test]
async fn all_or_none_are_taken() {
    let shop = Shop::open().await;
    let unpriced = Product { variants: vec![], ..tea("bad") };
    for bad in [
        vec![tea("a"), unpriced],
        vec![tea("a"), tea("a")],
        vec![tea("a"), Product { variants: vec![variant("A", 1)], ..tea("b") }],
        vec![tea("a"), tea("")],
    ] {
        assert!(import(&shop, bad).await.is_err());
    }
    assert_eq!(outcomes(&import(&shop, vec![tea("a")]).await.unwrap()), [ImportOutcome::Created]);
    let other = Product { seller: "sellers/other".into(), ..tea("a") };
    assert_eq!(import(&shop, vec![other]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_full_batch_fits_every_statement() {
    let shop = Shop::open().await;
    let batch: Vec<Product> = (0..1000).map(|number| tea(&format!("tea-{number}"))).collect();
    let made = import(&shop, batch.clone()).await.unwrap();
    assert!(made.iter().all(|made| made.outcome() == ImportOutcome::Created));
    let again = import(&shop, batch).await.unwrap();
    assert!(again.iter().all(|made| made.outcome() == ImportOutcome::Unchanged));
}

#[tokio::test]
async fn a_row_that_cannot_be_taken_is_named() {
    let shop = Shop::open().await;
    import(&shop, vec![tea("known")]).await.unwrap();
    let sells = |code: &str, sku: &str| Product { variants: vec![variant(sku, 1)], ..tea(code) };
    for (rows, kind, named) in [
        (vec![sells("a", "NEW"), sells("b", "NEW")], Code::InvalidArgument, "products[1].variants[0].sku"),
        (vec![sells("a", "NEW"), sells("b", "NEW")], Code::InvalidArgument, "products[0]"),
        (vec![sells("a", "NEW"), sells("b", "new")], Code::InvalidArgument, "products[1].variants[0].sku"),
        (vec![tea("a"), sells("b", "Known")], Code::AlreadyExists, "products[1].variants[0].sku"),
        (vec![tea("a"), tea("b"), tea("a")], Code::InvalidArgument, "products[2].code"),
        (vec![tea("a"), sells("b", "KNOWN")], Code::AlreadyExists, "products[1].variants[0].sku"),
        (
            vec![tea("a"), Product { variants: vec![], ..tea("b") }],
            Code::InvalidArgument,
            "products[1].variants",
        ),
    ] {
        let refused = import(&shop, rows).await.unwrap_err();
        assert_eq!(refused.code(), kind, "{refused}");
        assert!(refused.message().contains(named), "{refused}");
    }
    let many = (0..11).map(|product| Product {
        variants: (0..2000).map(|number| variant(&format!("{product}-{number}"), 1)).collect(),
        ..tea(&format!("many-{product}"))
    });
    assert_eq!(import(&shop, many.collect()).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_sku_moves_from_row_to_row_whatever_their_order() {
    let shop = Shop::open().await;
    import(&shop, vec![tea("a"), tea("b")]).await.unwrap();
    let sells = |code: &str, skus: &[&str]| Product {
        variants: skus.iter().map(|sku| variant(sku, 1)).collect(),
        ..tea(code)
    };
    for rows in [
        vec![sells("a", &["A2"]), sells("b", &["B", "A"])],
        vec![sells("a", &["A2", "A"]), sells("b", &["B"])],
        vec![sells("new", &["A"]), sells("a", &["A2"])],
        vec![sells("a", &["A2", "A", "B"]), sells("b", &["B2"]), sells("new", &["NEW"])],
    ] {
        import(&shop, rows).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_archived_stays_archived() {
    let shop = Shop::open().await;
    let made = import(&shop, vec![tea("a")]).await.unwrap();
    let archived = shop.archive(&made[0].product).await;
    assert_eq!(outcomes(&import(&shop, vec![tea("a")]).await.unwrap()), [ImportOutcome::Unchanged]);
    assert_eq!(shop.get(operator(), &archived.name).await.unwrap(), archived);
    let dearer = Product { variants: vec![variant("A", 999)], ..tea("a") };
    assert_eq!(outcomes(&import(&shop, vec![dearer]).await.unwrap()), [ImportOutcome::Updated]);
    let seen = shop.get(operator(), &archived.name).await.unwrap();
    assert_eq!(
        (seen.state(), seen.variants[0].prices[0].amount.as_ref().unwrap().units),
        (ProductState::Archived, 9)
    );
}
