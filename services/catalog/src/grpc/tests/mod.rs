//! The RPCs against a real database and index in a temporary folder, called as the server calls them.

mod import;
mod pages;
mod products;
mod search;
mod taxonomy;

use std::sync::Arc;

use shopmesh_kit::{
    clock::{ManualClock, Timestamp},
    db::Db,
    error::Result,
    events,
};
use shopmesh_mesh::{
    ServiceName,
    identity::SpiffeId,
    server::{Call, Claims, Principal, RoleBinding},
};
use shopmesh_proto::{
    catalog::v1::*,
    google::r#type::Money,
    policy::{PolicyTable, Role},
};
use tempfile::TempDir;
use tonic::Request;

use super::Catalog;
use crate::{
    search::{Indexer, ProductIndex},
    store,
};

const PRODUCTS: &str = "shopmesh.catalog.v1.ProductService";

/// A catalogue of its own.
struct Shop {
    catalog: Catalog,
    indexer: Indexer,
    _folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("catalog.db"), &store::MIGRATIONS).await.unwrap();
        let index = Arc::new(ProductIndex::open(&folder.path().join("search")).unwrap());
        let indexer = Indexer::new(db.clone(), Arc::clone(&index));
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000_000_000)));
        Self { catalog: Catalog { db, clock, index }, indexer, _folder: folder }
    }

    async fn create(&self, product: Product) -> Result<Product> {
        let request = CreateProductRequest { product: Some(product) };
        super::create_product::answer(&self.catalog, by(operator(), "CreateProduct", request)).await
    }

    async fn publish(&self, name: &str) -> Result<Product> {
        let request = PublishProductRequest { name: name.to_owned() };
        super::publish_product::answer(&self.catalog, by(operator(), "PublishProduct", request)).await
    }

    async fn archive(&self, name: &str) -> Product {
        let request = by(operator(), "ArchiveProduct", ArchiveProductRequest { name: name.to_owned() });
        super::archive_product::answer(&self.catalog, request).await.unwrap()
    }

    async fn get(&self, who: Principal, name: &str) -> Result<Product> {
        let request = GetProductRequest { name: name.to_owned() };
        super::get_product::answer(&self.catalog, by(who, "GetProduct", request)).await
    }

    async fn category(&self, parent: &str, code: &str) -> Result<Category> {
        let category = Category {
            parent: parent.into(),
            code: code.into(),
            title: code.to_uppercase(),
            ..Category::default()
        };
        let request = CreateCategoryRequest { category: Some(category) };
        super::categories::create(&self.catalog, Request::new(request)).await
    }

    /// Number of events of `name`; fails when their chain is broken.
    async fn events(&self, name: &str) -> usize {
        events::verify_chain(&self.catalog.db, name).await.unwrap();
        events::stream_of(&self.catalog.db, name).await.unwrap().len()
    }
}

fn operator() -> Principal {
    Principal::Operator("cli".to_owned())
}

fn seller(seller: &str) -> Principal {
    Principal::User(Claims {
        subject: "users/usr_01J00000000000000000000000".to_owned(),
        session: "ses_1".to_owned(),
        bindings: vec![RoleBinding { role: Role::Seller, scope: seller.to_owned() }],
        account_version: 1,
        expires_at: i64::MAX,
    })
}

/// A request of ProductService as its handler sees it.
fn by<M>(principal: Principal, method: &str, message: M) -> Request<M> {
    call(principal, PRODUCTS, method, message)
}

fn call<M>(principal: Principal, service: &str, method: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let peer = SpiffeId::service(ServiceName::Orders);
    let policy = PolicyTable::global().method(&format!("/{service}/{method}")).unwrap();
    let deadline = tokio::time::Instant::now() + policy.deadline;
    request.extensions_mut().insert(Call::new(peer, principal, policy, deadline, String::new()));
    request
}

fn tea(code: &str) -> Product {
    Product {
        code: code.into(),
        title: "Earl Grey".into(),
        brand: "Leaf".into(),
        product_type: "Loose tea".into(),
        variants: vec![variant(&code.to_uppercase(), 899)],
        ..Product::default()
    }
}

fn variant(sku: &str, cents: i64) -> Variant {
    let nanos = i32::try_from(cents % 100).unwrap() * 10_000_000;
    let amount = Money { currency_code: "USD".into(), units: cents / 100, nanos };
    let price = Price { channel: "channels/default".into(), amount: Some(amount) };
    Variant { sku: sku.into(), package_size: "250 g".into(), prices: vec![price], ..Variant::default() }
}
