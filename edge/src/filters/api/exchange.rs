//! What is known about one request and its answer beside their heads and bodies.

use std::{net::IpAddr, sync::Arc, time::Duration};

use crate::{
    http::{Account, ClientProtocol, Reservation},
    routing::{Route, RouteTable},
};

/// What a route's `typed_per_filter_config` says of a filter that is off.
pub struct Disabled;

/// One request on its way through the filter chain.
pub struct Exchange {
    /// How the client talks; local replies are written accordingly.
    pub client_protocol: ClientProtocol,
    /// The client's address: the connection's, or the trusted entry of `x-forwarded-for`.
    pub client_address: IpAddr,
    /// Bytes of a body that a filter may hold at once (`per_connection_buffer_limit_bytes`).
    pub buffer_limit: usize,
    /// On whose account bodies are held.
    pub account: Account,
    /// How long a body that is buffered may take.
    pub body_time: Duration,
    /// The request's body, once it is here as a whole.
    pub held: Option<Reservation>,
    table: Arc<RouteTable>,
    route: Option<Arc<Route>>,
    route_is_current: bool,
}

impl Exchange {
    /// An exchange whose route is not yet resolved.
    pub fn new(
        client_protocol: ClientProtocol,
        client_address: IpAddr,
        account: Account,
        buffer_limit: usize,
        body_time: Duration,
        table: Arc<RouteTable>,
    ) -> Self {
        Self {
            client_protocol,
            client_address,
            buffer_limit,
            account,
            body_time,
            held: None,
            table,
            route: None,
            route_is_current: false,
        }
    }

    /// The route of the request as it is now; none if nothing matches.
    pub fn route(&self) -> Option<&Arc<Route>> {
        self.route.as_ref()
    }

    /// Has the route resolved again before the next filter runs.
    pub fn clear_route_cache(&mut self) {
        self.route_is_current = false;
    }

    /// `typed_per_filter_config` for the filter called `name`: the route's, else the virtual host's, else the route configuration's.
    pub fn per_route_config<T: 'static>(&self, name: &str) -> Option<&T> {
        self.route()?.filter_configs(name).next()?.downcast_ref()
    }

    /// All of them, most specific first, for filters that look at more than one.
    pub fn per_route_configs<'a, T: 'static>(&'a self, name: &'a str) -> impl Iterator<Item = &'a T> {
        let configs = self.route.as_ref().map(|route| route.filter_configs(name));
        configs.into_iter().flatten().filter_map(|config| config.downcast_ref())
    }

    /// Whether the route has switched the filter called `name` off.
    pub(crate) fn is_disabled(&self, name: &str) -> bool {
        self.per_route_config::<Disabled>(name).is_some()
    }

    pub(crate) fn resolve_route<B>(&mut self, request: &http::Request<B>) {
        if !self.route_is_current {
            self.route = self.table.resolve(request, self.client_address);
            self.route_is_current = true;
        }
    }
}
