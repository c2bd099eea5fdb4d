//! `route_config`: virtual hosts and their routes, in first-match order.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::filters::PerRouteConfig;

/// All virtual hosts of a connection manager.
#[derive(Default)]
pub struct RouteTable {
    routes: Vec<Arc<Route>>,
}

impl RouteTable {
    /// The first route that matches.
    pub fn resolve<B>(&self, _request: &http::Request<B>, _client: IpAddr) -> Option<Arc<Route>> {
        self.routes.first().cloned()
    }
}

/// One route.
pub struct Route {
    filter_configs: HashMap<String, PerRouteConfig>,
}

impl Route {
    /// Most specific `typed_per_filter_config` of the filter called `name`.
    pub fn filter_config(&self, name: &str) -> Option<&(dyn Any + Send + Sync)> {
        self.filter_configs.get(name).map(|config| &**config)
    }
}
