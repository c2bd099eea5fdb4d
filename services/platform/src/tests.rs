//! GetApp and GetAsset of a build with one application, and of the real one.

use std::sync::Arc;

use futures_util::StreamExt;
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    discovery::Directory,
    server::{Call, Principal},
    telemetry::Metrics,
    workload::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
};
use shopmesh_proto::{
    google::api::HttpBody,
    platform::v1::{
        GetAppRequest, GetAssetRequest, platform_service_client::PlatformServiceClient,
        platform_service_server::PlatformServiceServer,
    },
    policy::PolicyTable,
};
use tokio::time::Instant;
use tonic::{Code, Request, Response, Status};

use crate::{
    app::App,
    assets::{Assets, File, etag},
    grpc::{Rpcs, get_asset::PIECE},
};

const SHOP: [File; 2] =
    [("shop/index.html", b"<!doctype html>the shop"), ("shop/index-BX3kf0aQ.js", b"export {}")];

type Client = PlatformServiceClient<PlatformServiceServer<Rpcs>>;

/// The service, through what reads and checks its messages.
fn client(assets: Assets) -> Client {
    let folder = tempfile::tempdir().unwrap();
    let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
    let files = authority.issue_to(&SpiffeId::service(ServiceName::Platform), folder.path()).unwrap();
    let nowhere = Directory::fixed([].into());
    let mesh = MeshClient::new(Identity::load(&files).unwrap(), nowhere, Metrics::default());
    Client::new(PlatformServiceServer::new(Rpcs(Arc::new(App::new(mesh, assets)))))
}

/// A request as the server of the mesh hands it on.
fn by_anyone<M>(method: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let path = format!("/shopmesh.platform.v1.PlatformService/{method}");
    let policy = PolicyTable::global().method(&path).unwrap();
    let deadline = Instant::now() + policy.deadline;
    let call = Call::new(SpiffeId::edge("main"), Principal::Anonymous, policy, deadline, String::new());
    request.extensions_mut().insert(call);
    request
}

async fn get_app(client: &mut Client, app: &str, path: &str) -> Result<Response<HttpBody>, Status> {
    let request = GetAppRequest { app: app.to_owned(), path: path.to_owned() };
    client.get_app(by_anyone("GetApp", request)).await
}

fn get_asset(name: &str) -> Request<GetAssetRequest> {
    by_anyone("GetAsset", GetAssetRequest { name: name.to_owned() })
}

#[tokio::test]
async fn every_path_below_an_application_is_its_page() {
    let mut client = client(Assets::of(SHOP));
    for path in [
        "",
        "products/tea",
        "p/v1.5",
        "search/Ärzte und \u{8336}",
        ".well-known",
        "a.b/",
        &"x.js/".repeat(60),
    ] {
        let answer = get_app(&mut client, "shop", path).await.unwrap();
        assert_eq!(answer.metadata().get("cache-control").unwrap(), "no-cache", "{path}");
        assert_eq!(answer.metadata().get("etag").unwrap(), &etag(SHOP[0].1));
        let body = answer.into_inner();
        assert_eq!((body.content_type.as_str(), &body.data[..]), ("text/html; charset=utf-8", SHOP[0].1));
    }
}

#[tokio::test]
async fn a_file_is_never_answered_with_the_page() {
    let mut client = client(Assets::of(SHOP));
    for path in ["index-BX3kf0aQ.js", "assets/index.mjs", "app.webmanifest", "a/b.woff2"] {
        let missing = get_app(&mut client, "shop", path).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
        assert!(missing.message().contains(&format!("shop/{path}")), "{missing}");
    }
    let chunk = client.get_asset(get_asset("assets/shop/index-BX3kf0aQ.js")).await.unwrap();
    assert!(chunk.metadata().get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
    assert_eq!(&chunk.into_inner().message().await.unwrap().unwrap().data[..], SHOP[1].1);
}

#[tokio::test]
async fn what_this_build_does_not_have_is_named() {
    let mut client = client(Assets::of(SHOP));
    let missing = get_app(&mut client, "admin", "orders").await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert!(missing.message().contains("assets/admin/index.html"), "{missing}");
    for (app, path) in
        [("store", ""), ("", ""), ("shop/", ""), ("shop", &*"x".repeat(1025)), ("shop", "a\u{7}")]
    {
        let refused = get_app(&mut client, app, path).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{app} {path}");
    }
}

#[tokio::test]
async fn a_file_comes_whole_and_typed() {
    let (assets, mut client) = (Assets::built_in(), client(Assets::built_in()));
    for name in ["assets/landing.js", "assets/swagger-ui-bundle.js", "assets/swagger-ui.css"] {
        let asset = assets.find(name).unwrap();
        let response = client.get_asset(get_asset(name)).await.unwrap();
        assert_eq!(response.metadata().get("etag").unwrap(), &asset.etag());
        assert_eq!(response.metadata().get("cache-control").unwrap(), asset.cache_control);
        let pieces: Vec<HttpBody> = response.into_inner().map(Result::unwrap).collect().await;
        assert!(pieces.iter().all(|piece| piece.content_type == asset.content_type));
        assert!(pieces.iter().all(|piece| piece.data.len() <= PIECE));
        assert_eq!(pieces.iter().flat_map(|piece| piece.data.to_vec()).collect::<Vec<u8>>(), asset.data);
    }
    let missing = client.get_asset(get_asset("assets/landing.html")).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}
