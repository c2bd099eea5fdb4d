//! GetApp and GetAsset of a build with one application.

use super::*;
use crate::assets::File;
use shopmesh_mesh::{
    ServiceName,
    discovery::Directory,
    identity::{CertificateAuthority, Identity, SpiffeId, TrustDomain},
    telemetry::Metrics,
};
use shopmesh_proto::platform::v1::{
    platform_service_client::PlatformServiceClient, platform_service_server::PlatformServiceServer,
};
use tonic::Code;

const SHOP: [File; 2] =
    [("shop/index.html", b"<!doctype html>the shop"), ("shop/index-BX3kf0aQ.js", b"export {}")];

type Client = PlatformServiceClient<PlatformServiceServer<PlatformApi>>;

/// The service, through what reads and checks its messages.
fn client() -> Client {
    let folder = tempfile::tempdir().unwrap();
    let authority = CertificateAuthority::load_or_create(folder.path(), &TrustDomain::default()).unwrap();
    let files = authority.issue_to(&SpiffeId::service(ServiceName::Platform), folder.path()).unwrap();
    let nowhere = Directory::fixed([].into());
    let mesh = MeshClient::new(Identity::load(&files).unwrap(), nowhere, Metrics::default());
    Client::new(PlatformServiceServer::new(PlatformApi::new(mesh, Assets::of(SHOP))))
}

async fn get_app(client: &mut Client, app: &str, path: &str) -> Result<Response<HttpBody>, Status> {
    client.get_app(GetAppRequest { app: app.to_owned(), path: path.to_owned() }).await
}

#[tokio::test]
async fn every_path_below_an_application_is_its_page() {
    let mut client = client();
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
        assert_eq!(answer.metadata().get("etag").unwrap(), &crate::assets::etag(SHOP[0].1));
        let body = answer.into_inner();
        assert_eq!((body.content_type.as_str(), &body.data[..]), ("text/html; charset=utf-8", SHOP[0].1));
    }
}

#[tokio::test]
async fn a_file_is_never_answered_with_the_page() {
    let mut client = client();
    for path in ["index-BX3kf0aQ.js", "assets/index.mjs", "app.webmanifest", "a/b.woff2"] {
        let missing = get_app(&mut client, "shop", path).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
        assert!(missing.message().contains(&format!("shop/{path}")), "{missing}");
    }
    let name = "assets/shop/index-BX3kf0aQ.js".to_owned();
    let chunk = client.get_asset(GetAssetRequest { name }).await.unwrap();
    assert!(chunk.metadata().get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
    assert_eq!(&chunk.into_inner().message().await.unwrap().unwrap().data[..], SHOP[1].1);
}

#[tokio::test]
async fn what_this_build_does_not_have_is_named() {
    let mut client = client();
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
