//! GetJwks: the public keys of access tokens, and the plain document of them that a `jwt_authn` filter fetches.

use std::sync::Arc;

use http::{Method, Response, header};
use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, HttpRoute};
use shopmesh_proto::{google::api::HttpBody, identity::v1 as pb, policy::PolicyTable};

use crate::app::App;

/// RFC 7517, 8.5.1.
const MEDIA_TYPE: &str = "application/jwk-set+json";
/// Where verifiers find the document (RFC 8615).
const PATH: &str = "/.well-known/jwks.json";
/// Verifiers may keep the keys for as long; the schedule of keys reckons with it.
const CACHE: &str = "public, max-age=300";

/// The key set as JSON.
pub async fn answer(app: &App, _: &Call, _: pb::GetJwksRequest) -> Result<HttpBody> {
    Ok(HttpBody { content_type: MEDIA_TYPE.to_owned(), data: app.keys.jwks(), extensions: Vec::new() })
}

/// The key set at its well-known address, for the peers that may call the RPC.
pub fn document(app: Arc<App>) -> HttpRoute {
    let policy = PolicyTable::global().method("/shopmesh.identity.v1.AuthService/GetJwks");
    HttpRoute {
        method: Method::GET,
        path: PATH,
        peers: policy.map_or(&[], |policy| &policy.peers),
        handler: Arc::new(move || {
            let mut answer = Response::new(app.keys.jwks());
            let headers = answer.headers_mut();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(MEDIA_TYPE));
            headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(CACHE));
            Box::pin(async move { answer })
        }),
    }
}
