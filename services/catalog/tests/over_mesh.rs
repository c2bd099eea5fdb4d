//! The service as the kit hosts it, called over mutual TLS by an operator, an edge and the orders service.

#![allow(clippy::unwrap_used)]

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use shopmesh_kit::{
    clock::SystemClock,
    service::{Hosted, ServiceEnv, ServiceHost},
    settings::Settings,
};
use shopmesh_mesh::{
    ServiceName,
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
};
use shopmesh_proto::{
    catalog::v1::{
        product_import_service_client::ProductImportServiceClient,
        product_service_client::ProductServiceClient, quote_service_client::QuoteServiceClient, *,
    },
    google::r#type::Money,
};
use tonic::{Code, Status};

/// The service, and ways to it.
struct Running {
    host: ServiceHost,
    operator: MeshChannel,
    edge: MeshChannel,
    orders: MeshChannel,
}

fn identity(folder: &Path, id: &SpiffeId) -> Arc<Identity> {
    let authority = CertificateAuthority::load_or_create(folder, &TrustDomain::default()).unwrap();
    Identity::load(&authority.issue_to(id, folder).unwrap()).unwrap()
}

async fn start(folder: &Path) -> Running {
    let nowhere = Directory::fixed(Default::default());
    let own = identity(folder, &SpiffeId::service(ServiceName::Catalog));
    let mesh = MeshClient::new(own.clone(), nowhere, Metrics::default());
    let env = ServiceEnv {
        service: ServiceName::Catalog,
        data_dir: folder.to_owned(),
        clock: Arc::new(SystemClock),
        mesh: mesh.clone(),
        settings: Settings::new("catalog", Default::default()),
        metrics: Metrics::default(),
    };
    let hosted = Hosted {
        service: shopmesh_catalog::build(env).await.unwrap(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        identity: own,
        mesh,
        metrics: Metrics::default(),
        clock: Arc::new(SystemClock),
    };
    let host = ServiceHost::start(vec![hosted]).await.unwrap();
    let directory = Directory::fixed(host.addresses().iter().map(|(name, at)| (*name, vec![*at])).collect());
    let channel = |id: SpiffeId| {
        let client = MeshClient::new(identity(folder, &id), directory.clone(), Metrics::default());
        client.channel(ServiceName::Catalog)
    };
    Running {
        operator: channel(SpiffeId::operator("cli")),
        edge: channel(SpiffeId::edge("main")),
        orders: channel(SpiffeId::service(ServiceName::Orders)),
        host,
    }
}

fn tea(code: &str, cents: i64) -> Product {
    let nanos = i32::try_from(cents % 100).unwrap() * 10_000_000;
    let amount = Money { currency_code: "USD".into(), units: cents / 100, nanos };
    let price = Price { channel: "channels/default".into(), amount: Some(amount) };
    let variant = Variant { sku: code.to_uppercase(), prices: vec![price], ..Variant::default() };
    Product { code: code.into(), title: "Earl Grey".into(), variants: vec![variant], ..Product::default() }
}

async fn import(running: &Running, products: Vec<Product>) -> Result<Vec<ImportedProduct>, Status> {
    let mut client = ProductImportServiceClient::new(running.operator.clone());
    Ok(client.import_products(ImportProductsRequest { products }).await?.into_inner().products)
}

async fn search(running: &Running, query: &str) -> SearchProductsResponse {
    let request = SearchProductsRequest { query: query.into(), ..SearchProductsRequest::default() };
    ProductServiceClient::new(running.edge.clone()).search_products(request).await.unwrap().into_inner()
}

/// Waits until `query` finds `count` products; how long that took.
async fn found(running: &Running, query: &str, count: i64) -> Duration {
    let started = Instant::now();
    while search(running, query).await.total_size != count {
        assert!(started.elapsed() < Duration::from_secs(10), "`{query}` never found {count}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_imports_is_found_quoted_and_still_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let imported = import(&running, vec![tea("a", 899), tea("b", 1099)]).await.unwrap();
    found(&running, "earl gr", 2).await;

    let request = QuoteVariantsRequest {
        channel: "channels/default".into(),
        variants: imported.iter().flat_map(|product| product.variants.clone()).collect(),
    };
    let quoted =
        QuoteServiceClient::new(running.orders.clone()).quote_variants(request).await.unwrap().into_inner();
    let units: Vec<i64> =
        quoted.quotes.iter().map(|quote| quote.unit_price.as_ref().unwrap().units).collect();
    assert_eq!(units, [8, 10]);

    assert!(running.host.drain(Duration::from_secs(5)).await);
    let running = start(folder.path()).await;
    assert_eq!(search(&running, "earl").await.total_size, 2, "the index is still there");
    import(&running, vec![tea("c", 100)]).await.unwrap();
    found(&running, "earl", 3).await;
}

/// Create and Import take and refuse the same text, and keep it in the same form.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_has_one_form_however_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let mut operator = ProductServiceClient::new(running.operator.clone());
    let typed = |code: &str| Product {
        title: " Cre\u{300}me bru\u{302}le\u{301}e\u{200B}".into(),
        description: "one\r\ntwo\rthree\r\n".into(),
        brand: "\u{2800}".into(),
        ..tea(code, 100)
    };
    let imported = import(&running, vec![typed("a")]).await.unwrap().remove(0).product;
    let imported = operator.get_product(GetProductRequest { name: imported }).await.unwrap().into_inner();
    let request = CreateProductRequest { product: Some(typed("b")) };
    let created = operator.create_product(request).await.unwrap().into_inner();
    for product in [imported, created] {
        let Product { title, description, brand, .. } = product;
        assert_eq!((&*title, &*description, &*brand), ("Crème brûlée", "one\ntwo\nthree", ""));
    }
    for title in ["two\nlines", "bell\u{7}", "turned \u{202E}around", "\u{200B}", " "] {
        let odd = Product { title: title.into(), ..tea("c", 100) };
        let request = CreateProductRequest { product: Some(odd.clone()) };
        assert_eq!(
            operator.create_product(request).await.unwrap_err().code(),
            Code::InvalidArgument,
            "{title:?}"
        );
        assert_eq!(import(&running, vec![odd]).await.unwrap_err().code(), Code::InvalidArgument, "{title:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_keeps_strangers_out() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let name = import(&running, vec![tea("a", 899)]).await.unwrap().remove(0).product;

    let imports = ImportProductsRequest { products: vec![tea("b", 1)] };
    let refused =
        ProductImportServiceClient::new(running.edge.clone()).import_products(imports).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let quotes = QuoteVariantsRequest {
        channel: "channels/default".into(),
        variants: vec!["variants/var_01J00000000000000000000000".into()],
    };
    let refused = QuoteServiceClient::new(running.operator.clone()).quote_variants(quotes).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let mut shopper = ProductServiceClient::new(running.edge.clone());
    let archive = ArchiveProductRequest { name: name.clone() };
    assert_eq!(shopper.archive_product(archive.clone()).await.unwrap_err().code(), Code::Unauthenticated);
    ProductServiceClient::new(running.operator.clone()).archive_product(archive).await.unwrap();
    let hidden = shopper.get_product(GetProductRequest { name }).await.unwrap_err();
    assert_eq!(hidden.code(), Code::NotFound);
    let malformed = shopper.get_product(GetProductRequest { name: "products/1".into() }).await.unwrap_err();
    assert_eq!(malformed.code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_batch_crosses_the_mesh_and_is_soon_found() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path()).await;
    let batch: Vec<Product> = (0..1000).map(|number| tea(&format!("tea-{number}"), 100 + number)).collect();
    assert_eq!(import(&running, batch).await.unwrap().len(), 1000);
    let lag = found(&running, "earl", 1000).await;
    // Within a second on an idle machine; tests share theirs.
    assert!(lag < Duration::from_secs(3), "searchable only after {lag:?}");
}
