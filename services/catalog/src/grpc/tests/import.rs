//! Bulk upserts.

use shopmesh_kit::error::ErrorKind;

use super::*;

async fn import(shop: &Shop, products: Vec<Product>) -> Result<Vec<ImportedProduct>> {
    let service = "shopmesh.catalog.v1.ProductImportService";
    let request = call(operator(), service, "ImportProducts", ImportProductsRequest { products });
    Ok(crate::grpc::import_products::answer(&shop.catalog, request).await?.products)
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
    assert_eq!(import(&shop, vec![other]).await.unwrap_err().kind(), ErrorKind::InvalidArgument);
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
