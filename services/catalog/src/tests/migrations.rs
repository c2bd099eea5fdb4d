//! Databases of earlier versions are read by this one.

use std::borrow::Cow;

use shopmesh_kit::db::{DbError, Migrator, sql};

use super::*;

/// A shop whose database had the first `version` migrations when `rows` were written.
async fn shop_of(version: i64, rows: &'static [&'static str]) -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let migrations = store::MIGRATOR.iter().filter(|migration| migration.version <= version).cloned();
    let migrator = Migrator { migrations: Cow::Owned(migrations.collect()), ..Migrator::DEFAULT };
    let path = folder.path().join("catalog.db");
    let db = Db::open(&path, Box::leak(Box::new(migrator))).await.unwrap();
    let written = db.write((), move |tx, ()| {
        Box::pin(async move {
            for text in rows {
                sql(text).execute(&mut *tx).await?;
            }
            Ok::<_, DbError>(())
        })
    });
    written.await.unwrap();
    db.close().await;
    Shop::open_in(folder).await
}

/// SKUs that differed in case alone were two.
#[tokio::test]
async fn skus_that_differed_in_case_keep_their_products() {
    let shop = shop_of(
        1,
        &[
            "INSERT INTO products (id, code, seller, state, category, brand, product_type, version, created_at, \
             updated_at, content) VALUES ('prd_01J00000000000000000000001', 'a', 'sellers/house', 'DRAFT', '', '', '', \
             1, 1, 1, '{\"title\":\"A\",\"variants\":[]}')",
            "INSERT INTO variants (id, sku, product) VALUES \
             ('var_01J00000000000000000000001', 'Tea', 'prd_01J00000000000000000000001'), \
             ('var_01J00000000000000000000002', 'TEA', 'prd_01J00000000000000000000001')",
        ],
    )
    .await;
    let rows = sql("SELECT id, sku FROM variants ORDER BY id").all(&shop.app.db).await.unwrap();
    let (first, second) = (rows[0].text("sku").unwrap(), rows[1].text("sku").unwrap());
    assert_eq!(first, "tea");
    assert!(second.starts_with("tea/var_"), "{second}");
    let refused = shop.create(Product { variants: vec![variant("tEA", 1)], ..tea("b") }).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists);
}

/// States and types were words.
#[tokio::test]
async fn words_become_numbers() {
    let shop = shop_of(
        3,
        &[
            "INSERT INTO products (id, code, seller, state, category, brand, product_type, version, created_at, \
             updated_at, content) VALUES \
             ('prd_01J00000000000000000000001', 'a', 'sellers/house', 'DRAFT', '', '', '', 1, 1, 1, \
             '{\"title\":\"A\",\"variants\":[{\"id\":\"var_01J00000000000000000000001\",\"sku\":\"A\",\"prices\":[\
             {\"channel\":\"channels/default\",\"minor\":1,\"currency\":\"USD\"}]}]}'), \
             ('prd_01J00000000000000000000002', 'b', 'sellers/house', 'ACTIVE', '', '', '', 2, 1, 2, \
             '{\"title\":\"B\",\"variants\":[],\"attributes\":[{\"key\":\"organic\",\"value\":{\"flag\":true}}]}'), \
             ('prd_01J00000000000000000000003', 'c', 'sellers/house', 'ARCHIVED', '', '', '', 3, 1, 3, \
             '{\"title\":\"C\",\"variants\":[]}')",
            "INSERT INTO variants (id, sku, product) VALUES \
             ('var_01J00000000000000000000001', 'a', 'prd_01J00000000000000000000001')",
            "INSERT INTO attribute_definitions (key, title, kind, unit) VALUES \
             ('material', 'Material', 'TEXT', ''), ('organic', 'Organic', 'FLAG', ''), ('weight', 'Weight', 'NUMBER', 'g')",
        ],
    )
    .await;
    let listed = shop.list(operator(), ListProductsRequest::default()).await.unwrap();
    let states: Vec<_> =
        listed.products.iter().map(|product| (product.code.as_str(), product.state())).collect();
    let expected = [("c", ProductState::Archived), ("b", ProductState::Active), ("a", ProductState::Draft)];
    assert_eq!(states, expected);
    let public = shop.list(Principal::Anonymous, ListProductsRequest::default()).await.unwrap();
    assert_eq!(public.products.iter().map(|product| product.code.as_str()).collect::<Vec<_>>(), ["b"]);
    let defined = shop.definitions().await;
    let types: Vec<_> = defined.iter().map(|known| (known.key.as_str(), known.r#type())).collect();
    let expected = [
        ("material", AttributeType::Text),
        ("organic", AttributeType::Flag),
        ("weight", AttributeType::Number),
    ];
    assert_eq!(types, expected);
    let draft = &listed.products[2];
    let published = shop.publish(&draft.name).await.unwrap();
    assert_eq!((published.state(), &published.variants), (ProductState::Active, &draft.variants));
}
