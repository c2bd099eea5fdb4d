//! Plain HTTP on the mesh listener: a closed list of GET routes with the peers that may ask.

use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use tonic::body::Body;

use crate::workload::SpiffeId;

/// Answers a route.
pub type HttpHandler = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> + Send + Sync>;

/// One route.
#[derive(Clone)]
pub struct HttpRoute {
    /// Method.
    pub method: Method,
    /// Exact path.
    pub path: &'static str,
    /// Who may ask: the peers of a policy.
    pub peers: &'static [String],
    /// The answer.
    pub handler: HttpHandler,
}

/// The answer of a matching route, if there is one.
pub async fn answer(
    routes: &[HttpRoute],
    peer: &SpiffeId,
    method: &Method,
    path: &str,
) -> Option<Response<Body>> {
    let route = routes.iter().find(|route| route.path == path && route.method == *method)?;
    if !route.peers.iter().any(|rule| peer.matches_peer_rule(rule)) {
        let mut denied = Response::new(Body::empty());
        *denied.status_mut() = StatusCode::FORBIDDEN;
        return Some(denied);
    }
    Some((route.handler)().await.map(|bytes| Body::new(http_body_util::Full::new(bytes))))
}
