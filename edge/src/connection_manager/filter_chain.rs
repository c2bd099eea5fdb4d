//! One request through the chain: sanitized, filtered, answered, and the answer filtered in reverse.

use std::{collections::HashMap, net::SocketAddr, path::Path, sync::Arc};

use http::{HeaderValue, Method, StatusCode, Version, header::SERVER};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use serde_json::Value;
use shopmesh_net::RequestBody;

use super::{
    access_log::AccessEntry, config::HttpConnectionManager, idle::Activity, lingering::LingeringBody,
    sanitize::sanitize, stats::HttpCounters, upload,
};
use crate::{
    bootstrap::{
        reader::{ConfigError, TypedConfig, YamlPath, read},
        scalars::NonEmpty,
        schema::NamedConfig,
    },
    clusters::Clusters,
    filters::{
        api::{Exchange, Filter, FilterContext, FilterFactory, Flow},
        registry,
    },
    http::{BufferBudget, ClientProtocol, LONGEST, LocalReply, Request, Response, code, empty},
    routing::{Action, RouteScope, RouteTable},
};

const TYPE: &str = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/// A checked connection manager.
pub struct ConnectionManager {
    pub config: HttpConnectionManager,
    pub counters: HttpCounters,
    /// By name, in the order of requests.
    factories: Vec<(String, Arc<dyn FilterFactory>)>,
    table: Arc<RouteTable>,
    buffer_limit: usize,
    budget: BufferBudget,
    server_name: HeaderValue,
}

impl ConnectionManager {
    pub fn new(
        config: Value,
        buffer_limit: u32,
        budget: &BufferBudget,
        clusters: &Clusters,
        base_dir: &Path,
        at: &YamlPath,
    ) -> Result<Self, ConfigError> {
        let config = TypedConfig::split(config, at)?;
        if config.type_name != TYPE {
            return Err(at.field("@type").error(format!("must be {TYPE}")));
        }
        let mut config: HttpConnectionManager = read(config.fields, at)?;
        config.check(at)?;
        let filters_at = at.field("http_filters");
        let (mut kinds, mut factories) = (HashMap::new(), Vec::new());
        let filters = std::mem::take(&mut config.http_filters);
        let last = filters.len().checked_sub(1);
        for (i, NamedConfig { name: NonEmpty(name), typed_config }) in filters.into_iter().enumerate() {
            let at = filters_at.index(i);
            let context = FilterContext { name: &name, base_dir, clusters };
            let (kind, factory) = registry::factory(typed_config, &at.field("typed_config"), &context)?;
            if kind.is_terminal != (last == Some(i)) {
                let problem = "the router must be the last filter of the chain, and the only one";
                return Err(at.error(problem));
            }
            if kinds.insert(name.clone(), kind).is_some() {
                return Err(at.field("name").error(format!("two filters are called {name:?}")));
            }
            factories.push((name, factory));
        }
        if last.is_none() {
            return Err(filters_at.error("must end with envoy.filters.http.router"));
        }
        let filter_config = |name: &str, config, at: &YamlPath| {
            let kind = kinds.get(name).ok_or_else(|| at.error("no filter of http_filters has this name"))?;
            registry::per_route(kind, config, at, &FilterContext { name, base_dir, clusters })
        };
        let scope = RouteScope { clusters, base_dir, filter_config: &filter_config };
        let table = RouteTable::new(config.route_config.take(), &scope, &at.field("route_config"))?;
        Ok(Self {
            server_name: HeaderValue::try_from(&config.server_name)
                .map_err(|_| at.field("server_name").error("is not a header value"))?,
            counters: HttpCounters::default(),
            factories,
            table: Arc::new(table),
            buffer_limit: usize::try_from(buffer_limit).unwrap_or(usize::MAX),
            budget: budget.clone(),
            config,
        })
    }

    /// Answers one request of the client at `peer`.
    pub async fn serve(&self, request: http::Request<RequestBody>, peer: SocketAddr) -> Response {
        // To HEAD, only the head is answered; a body would break the connection of an HTTP/2 client.
        let is_head = request.method() == Method::HEAD;
        let response = self.serve_whole(request, peer).await;
        if is_head { response.map(|_| empty()) } else { response }
    }

    async fn serve_whole(&self, request: http::Request<RequestBody>, peer: SocketAddr) -> Response {
        let request = self.receive(request);
        let Some(timeout) = self.config.stream_idle_timeout.non_zero() else {
            return self.answer(request, peer).await;
        };
        let activity = Activity::new(timeout);
        let watched = request.map(|body| activity.watch(body, false).boxed_unsync());
        let protocol = ClientProtocol::of(watched.headers());
        tokio::select! {
            response = self.answer(watched, peer) => response.map(|body| activity.watch(body, true).boxed_unsync()),
            () = activity.idle() => {
                let reply = LocalReply::new(StatusCode::REQUEST_TIMEOUT, "stream_idle_timeout", "stream timeout")
                    .with_code(code::DEADLINE_EXCEEDED);
                self.finish(reply.into_response(), protocol)
            }
        }
    }

    fn receive(&self, request: http::Request<RequestBody>) -> Request {
        // A stream of HTTP/2 ends without its connection.
        let version = request.version();
        request.map(|body| {
            if version == Version::HTTP_2 || body.is_end_stream() {
                return body.boxed_unsync();
            }
            LingeringBody::new(body, self.config.delayed_close_timeout.0).boxed_unsync()
        })
    }

    async fn answer(&self, request: Request, peer: SocketAddr) -> Response {
        let (mut head, body) = request.into_parts();
        let protocol = ClientProtocol::of(&head.headers);
        self.counters.request();
        let timeout = self.config.request_timeout();
        let (client, refused) = match sanitize(&mut head, peer.ip(), &self.config) {
            Ok(client) => (client, None),
            Err(reply) => (peer.ip(), Some(reply.into_response())),
        };
        let entry = AccessEntry::begin(&head, refused.is_some());
        let account = self.budget.account(peer, client);
        let body_time = timeout.unwrap_or(LONGEST);
        let table = self.table.clone();
        let mut exchange = Exchange::new(protocol, client, account, self.buffer_limit, body_time, table);
        let mut filters: Vec<ActiveFilter<'_>> = self.factories.iter().map(ActiveFilter::new).collect();
        let mut response = match refused {
            // Not seen by any filter, and yet with the headers that filters put on every answer.
            Some(refused) => refused,
            None => {
                let (body, overdue) = upload::watch(timeout, body);
                let forward = forward(&mut filters, Request::from_parts(head, body), &mut exchange);
                tokio::select! {
                    response = forward => response,
                    reply = overdue => reply.into_response(),
                }
            }
        };
        for active in filters.iter_mut().rev() {
            if active.runs(&exchange) {
                response = active.filter.on_response(response, &mut exchange).await;
            }
        }
        let response = self.finish(response, exchange.client_protocol);
        entry.end(response.status());
        response
    }

    fn finish(&self, mut response: Response, protocol: ClientProtocol) -> Response {
        if let Some(reply) = response.extensions_mut().remove::<LocalReply>() {
            tracing::debug!(reason = reply.reason, status = reply.status.as_u16(), "local reply");
            reply.render(protocol, &mut response);
        }
        // An upstream's answer is of HTTP/2, which would cost a client of HTTP/1.0 its kept connection.
        *response.version_mut() = Version::HTTP_11;
        response.headers_mut().insert(SERVER, self.server_name.clone());
        self.counters.response(response.status());
        response
    }
}

/// Leads a request through the filters, its head first, up to the one that answers: at last the router always does.
async fn forward(
    filters: &mut [ActiveFilter<'_>],
    mut request: Request,
    exchange: &mut Exchange,
) -> Response {
    let Some((router, filters)) = filters.split_last_mut() else { return no_route() };
    for active in &mut *filters {
        exchange.resolve_route(&request);
        if !active.runs(exchange) {
            continue;
        }
        match active.filter.on_request(request, exchange).await {
            Flow::Continue(changed) => request = changed,
            Flow::Respond(response) => return response,
        }
    }
    exchange.resolve_route(&request);
    let leads_on = exchange.route().is_some_and(|route| matches!(route.action, Action::Forward(_)));
    for active in filters.iter_mut().filter(|active| leads_on && active.filter.wants_body()) {
        match active.filter.on_body(request, exchange).await {
            Flow::Continue(changed) => request = changed,
            Flow::Respond(response) => return response,
        }
    }
    if !router.runs(exchange) {
        return no_route();
    }
    match router.filter.on_request(request, exchange).await {
        Flow::Respond(response) => response,
        Flow::Continue(_) => no_route(),
    }
}

fn no_route() -> Response {
    LocalReply::new(StatusCode::NOT_FOUND, "no_router", "no route").into_response()
}

/// A filter at work on one request.
struct ActiveFilter<'a> {
    name: &'a str,
    filter: Box<dyn Filter>,
    /// Decided when the request or, if that never came here, the answer arrives; the route may change in between.
    runs: Option<bool>,
}

impl<'a> ActiveFilter<'a> {
    fn new((name, factory): &'a (String, Arc<dyn FilterFactory>)) -> Self {
        Self { name, filter: factory.create(), runs: None }
    }

    fn runs(&mut self, exchange: &Exchange) -> bool {
        *self.runs.get_or_insert_with(|| !exchange.is_disabled(self.name))
    }
}
