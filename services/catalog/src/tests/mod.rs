//! The RPCs against a real database and index in a temporary folder, called as the server calls them.

mod import;
mod migrations;
mod pages;
mod products;
mod search;
mod taxonomy;

use std::sync::Arc;

use shopmesh_kit::{
    clock::{ManualClock, Timestamp},
    db::Db,
    events,
};
use shopmesh_mesh::{
    ServiceName,
    server::{Call, Claims, Principal, RoleBinding},
    workload::SpiffeId,
};
use shopmesh_proto::{
    catalog::v1::{
        attribute_service_server::AttributeService, category_service_server::CategoryService,
        channel_service_server::ChannelService, product_import_service_server::ProductImportService,
        product_service_server::ProductService, quote_service_server::QuoteService, *,
    },
    google::r#type::Money,
    policy::{PolicyTable, Role},
};
use tempfile::TempDir;
use tonic::{Code, Request, Response, Status};

use crate::{app::App, grpc::Rpcs, search::ProductIndex, store, workflows::index_products::Indexer};

/// A catalog of its own.
struct Shop {
    app: Arc<App>,
    rpcs: Rpcs,
    indexer: Indexer,
    folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        Self::open_in(tempfile::tempdir().unwrap()).await
    }

    async fn open_in(folder: TempDir) -> Self {
        let db = Db::open(&folder.path().join("catalog.db"), &store::MIGRATOR).await.unwrap();
        let index = Arc::new(ProductIndex::open(&folder.path().join("search")).unwrap());
        Self::on(db, index, folder)
    }

    fn on(db: Db, index: Arc<ProductIndex>, folder: TempDir) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000_000_000)));
        let app = Arc::new(App { db, clock, index });
        Self { rpcs: Rpcs(app.clone()), indexer: Indexer::new(app.clone()), app, folder }
    }

    async fn create(&self, product: Product) -> Result<Product, Status> {
        self.create_by(operator(), product).await
    }

    async fn create_by(&self, who: Principal, product: Product) -> Result<Product, Status> {
        let request = CreateProductRequest { product: Some(product) };
        message(self.rpcs.create_product(by(who, "CreateProduct", request)).await)
    }

    /// Changes the fields of `product` that `paths` names.
    async fn update(&self, who: Principal, product: Product, paths: &[&str]) -> Result<Product, Status> {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let request = UpdateProductRequest {
            product: Some(product),
            update_mask: Some(prost_types::FieldMask { paths }),
        };
        message(self.rpcs.update_product(by(who, "UpdateProduct", request)).await)
    }

    async fn publish(&self, name: &str) -> Result<Product, Status> {
        let request = PublishProductRequest { name: name.to_owned() };
        message(self.rpcs.publish_product(by(operator(), "PublishProduct", request)).await)
    }

    async fn archive(&self, name: &str) -> Product {
        let request = ArchiveProductRequest { name: name.to_owned() };
        message(self.rpcs.archive_product(by(operator(), "ArchiveProduct", request)).await).unwrap()
    }

    async fn get(&self, who: Principal, name: &str) -> Result<Product, Status> {
        let request = GetProductRequest { name: name.to_owned() };
        message(self.rpcs.get_product(by(who, "GetProduct", request)).await)
    }

    async fn list(
        &self,
        who: Principal,
        request: ListProductsRequest,
    ) -> Result<ListProductsResponse, Status> {
        message(self.rpcs.list_products(by(who, "ListProducts", request)).await)
    }

    async fn category(&self, parent: &str, code: &str) -> Result<Category, Status> {
        let category = Category {
            parent: parent.into(),
            code: code.into(),
            title: code.to_uppercase(),
            ..Category::default()
        };
        let request = CreateCategoryRequest { category: Some(category) };
        let request = call(operator(), "CategoryService", "CreateCategory", request);
        message(self.rpcs.create_category(request).await)
    }

    async fn relocate(&self, name: &str, parent: &str) -> Result<Category, Status> {
        let request = MoveCategoryRequest { name: name.into(), parent: parent.into() };
        let request = call(operator(), "CategoryService", "MoveCategory", request);
        message(self.rpcs.move_category(request).await)
    }

    async fn default_channel(&self) -> Channel {
        let request = GetChannelRequest { name: "channels/default".into() };
        let request = call(Principal::Anonymous, "ChannelService", "GetChannel", request);
        message(self.rpcs.get_channel(request).await).unwrap()
    }

    async fn create_channel(&self, channel: Channel) -> Result<Channel, Status> {
        let request = CreateChannelRequest { channel: Some(channel) };
        let request = call(operator(), "ChannelService", "CreateChannel", request);
        message(self.rpcs.create_channel(request).await)
    }

    async fn definitions(&self) -> Vec<AttributeDefinition> {
        let request = ListAttributeDefinitionsRequest {};
        let request = call(Principal::Anonymous, "AttributeService", "ListAttributeDefinitions", request);
        message(self.rpcs.list_attribute_definitions(request).await).unwrap().attribute_definitions
    }

    /// Number of events of `name`; fails when their chain is broken.
    async fn events(&self, name: &str) -> usize {
        events::verify_chain(&self.app.db, name).await.unwrap();
        events::stream_of(&self.app.db, name).await.unwrap().len()
    }
}

fn message<T>(answer: Result<Response<T>, Status>) -> Result<T, Status> {
    answer.map(Response::into_inner)
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
    call(principal, "ProductService", method, message)
}

fn call<M>(principal: Principal, service: &str, method: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let peer = SpiffeId::service(ServiceName::Orders);
    let path = format!("/shopmesh.catalog.v1.{service}/{method}");
    let policy = PolicyTable::global().method(&path).unwrap();
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
