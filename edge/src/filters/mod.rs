//! HTTP filters: one folder each, named as in the YAML, with `config.rs` (what is honoured) and `filter.rs` (what it does).
//!
//! A filter is created per request. Requests pass the chain in YAML order until a filter answers (the router always does); the answer
//! then passes *every* filter in reverse order, so that one which never saw the request still puts its headers on the reply, as in Envoy.

pub mod compressor;
pub mod cors;
pub mod grpc_json_transcoder;
pub mod grpc_web;
pub mod header_mutation;
pub mod jwt_authn;
pub mod local_ratelimit;
mod local_reply;
pub(crate) mod registry;
pub mod router;

use std::any::Any;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

pub use local_reply::{ClientProtocol, LocalReply, code, grpc_code_of_http};
pub(crate) use local_reply::{ceil_seconds, percent_encode_message, put_challenge, put_details};

use crate::clusters::Clusters;
use crate::connection_manager::Exchange;

/// Any failure of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// A body that streams data and trailers.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;
/// A request with a streaming body.
pub type Request = http::Request<Body>;
/// An answer with a streaming body.
pub type Response = http::Response<Body>;
/// What the methods of [`Filter`] return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// `typed_per_filter_config` of one filter on one route or virtual host, read by that filter.
pub type PerRouteConfig = Arc<dyn Any + Send + Sync>;

/// What a filter decided about a request.
#[derive(Debug)]
pub enum Flow {
    /// Hand the request, perhaps changed, to the next filter.
    Continue(Request),
    /// Answer now; later filters do not see the request.
    Respond(Response),
}

/// One filter working on one request and its response. Dropped when the client goes away.
pub trait Filter: Send {
    /// Sees the request before all later filters. After changing path, method or authority, call [`Exchange::clear_route_cache`] to
    /// have the route resolved again.
    fn on_request<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        let _ = exchange;
        Box::pin(std::future::ready(Flow::Continue(request)))
    }

    /// Whether this filter must see the body of the request that it let pass.
    fn wants_body(&self) -> bool {
        false
    }

    /// Sees the request again, if it [`wants_body`](Self::wants_body), once all filters let its head pass and its route leads to an
    /// upstream. The only place to wait for a body: whoever refuses by the head alone has answered before the body is here.
    fn on_body<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        let _ = exchange;
        Box::pin(std::future::ready(Flow::Continue(request)))
    }

    /// Sees the answer after all later filters, also if `on_request` never ran. An answer with a [`LocalReply`] in its extensions has
    /// no body yet: the connection manager writes it last, in the client's own protocol, so filters must leave status and body alone.
    fn on_response<'a>(
        &'a mut self,
        response: Response,
        exchange: &'a mut Exchange,
    ) -> BoxFuture<'a, Response> {
        let _ = exchange;
        Box::pin(std::future::ready(response))
    }
}

/// What a filter's configuration may refer to. Every filter module offers
/// `factory(config: Value, at: &YamlPath, context: &FilterContext) -> Result<Arc<dyn FilterFactory>, ConfigError>` and, where Envoy
/// knows one, `per_route(config: Value, at: &YamlPath, context: &FilterContext) -> Result<PerRouteConfig, ConfigError>`, where `config`
/// is the message without its `@type`.
pub struct FilterContext<'a> {
    /// The filter's name in this chain; the key of its `typed_per_filter_config`.
    pub name: &'a str,
    /// The bootstrap's folder, against which file names are resolved.
    pub base_dir: &'a Path,
    /// Clusters that the filter may call.
    pub clusters: &'a Clusters,
}

/// A configured filter of a chain: makes one [`Filter`] per request.
pub trait FilterFactory: Send + Sync {
    /// A fresh instance.
    fn create(&self) -> Box<dyn Filter>;
}

/// A body of known bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    use http_body_util::BodyExt as _;
    http_body_util::Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body without data.
pub fn empty() -> Body {
    use http_body_util::BodyExt as _;
    http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync()
}
