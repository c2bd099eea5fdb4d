//! What a filter is to its chain, and what it may ask of the request that it sees.

mod exchange;

pub use exchange::{Disabled, Exchange};

use std::{path::Path, pin::Pin};

use crate::{
    clusters::Clusters,
    http::{Request, Response},
};

/// What the methods of [`Filter`] return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

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

    /// Sees the answer after all later filters, also if `on_request` never ran. An answer with a [`LocalReply`](crate::http::LocalReply) in its extensions has
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
