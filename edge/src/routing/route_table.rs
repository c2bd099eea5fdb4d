//! Finds the route of a request: virtual host by `:authority`, then the first of its routes that matches.

use std::{any::Any, collections::HashMap, net::IpAddr, sync::Arc};

use http::HeaderMap;
use serde_json::{Map, Value};

use super::{
    action::Action,
    config::{self, HeaderChanges, RouteConfiguration, VirtualHost},
    matching::{Matcher, PathMatcher},
};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    clusters::Clusters,
};

/// `typed_per_filter_config` of one filter on one route or virtual host, as that filter read it.
pub type PerRouteConfig = Arc<dyn Any + Send + Sync>;

/// Reads the entry of `typed_per_filter_config` that stands under a filter's name.
pub type ReadFilterConfig<'a> = dyn Fn(&str, Value, &YamlPath) -> Result<PerRouteConfig, ConfigError> + 'a;

/// All virtual hosts of a connection manager.
#[derive(Default)]
pub struct RouteTable {
    /// In the order of Envoy's search: exact names, `*.suffix` longest first, `prefix.*` longest first, `*`.
    exact: HashMap<String, Arc<Host>>,
    suffixes: Vec<(String, Arc<Host>)>,
    prefixes: Vec<(String, Arc<Host>)>,
    any: Option<Arc<Host>>,
}

/// One virtual host's routes. Exact paths without further conditions are found by hash: a generated configuration has one per RPC.
#[derive(Default)]
struct Host {
    routes: Vec<Arc<Route>>,
    exact: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

/// One route.
pub struct Route {
    /// For logs; may be empty.
    pub name: String,
    /// When it applies.
    pub matcher: Matcher,
    /// What it does.
    pub action: Action,
    filter_configs: FilterConfigs,
    /// Most specific last, so that it has the last word.
    headers: [Arc<HeaderChanges>; 3],
}

impl Route {
    /// `typed_per_filter_config` of the filter called `name`: of route, virtual host and route configuration, as far as they have one.
    pub fn filter_configs(&self, name: &str) -> impl Iterator<Item = &(dyn Any + Send + Sync)> {
        self.filter_configs.get(name).into_iter().flatten().map(|config| &**config)
    }

    /// `request_headers_to_*` of route configuration, virtual host and route.
    pub fn change_request_headers(&self, headers: &mut HeaderMap) {
        self.headers.iter().for_each(|changes| changes.apply_to_request(headers));
    }

    /// `response_headers_to_*` of route configuration, virtual host and route.
    pub fn change_response_headers(&self, headers: &mut HeaderMap) {
        self.headers.iter().for_each(|changes| changes.apply_to_response(headers));
    }
}

impl RouteTable {
    /// The first route that matches. The request's URI has its authority, and its path is normalized.
    pub fn resolve<B>(&self, request: &http::Request<B>, _client: IpAddr) -> Option<Arc<Route>> {
        let authority =
            request.uri().authority().map(|a| a.as_str().to_ascii_lowercase()).unwrap_or_default();
        self.host(&authority)?.route(request.uri().path(), request.headers()).cloned()
    }

    fn host(&self, authority: &str) -> Option<&Host> {
        let longer = |pattern: &str| authority.len() > pattern.len();
        let by_suffix = || self.suffixes.iter().find(|(s, _)| longer(s) && authority.ends_with(s.as_str()));
        let by_prefix = || self.prefixes.iter().find(|(p, _)| longer(p) && authority.starts_with(p.as_str()));
        self.exact
            .get(authority)
            .or_else(|| by_suffix().or_else(by_prefix).map(|(_, host)| host))
            .or(self.any.as_ref())
            .map(Arc::as_ref)
    }

    /// Reads `route_config`.
    pub(crate) fn new(mut config: Value, scope: &RouteScope<'_>, at: &YamlPath) -> Result<Self, ConfigError> {
        let headers = Arc::new(HeaderChanges::take(&mut config, at)?);
        let config: RouteConfiguration = read(config, at)?;
        let filter_configs =
            scope.filter_configs(config.typed_per_filter_config, &FilterConfigs::new(), at)?;
        let outer = Outer { headers, filter_configs };
        let mut table = Self::default();
        for (i, mut fields) in config.virtual_hosts.into_iter().enumerate() {
            let at = at.field("virtual_hosts").index(i);
            let host_headers = Arc::new(HeaderChanges::take(&mut fields, &at)?);
            let virtual_host: VirtualHost = read(fields, &at)?;
            let domains = virtual_host.domains.clone();
            if domains.is_empty() {
                return Err(at.field("domains").error("needs at least one"));
            }
            let host = Arc::new(Host::new(virtual_host, host_headers, &outer, scope, &at)?);
            for (i, domain) in domains.iter().enumerate() {
                table.add(domain, &host).map_err(|problem| at.field("domains").index(i).error(problem))?;
            }
        }
        table.suffixes.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
        table.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(table)
    }

    fn add(&mut self, domain: &str, host: &Arc<Host>) -> Result<(), String> {
        let domain = domain.to_ascii_lowercase();
        let host = host.clone();
        let taken = if domain == "*" {
            self.any.replace(host).is_some()
        } else if let Some(suffix) = domain.strip_prefix('*') {
            self.suffixes.push((suffix.to_owned(), host));
            self.suffixes.iter().filter(|(s, _)| s == suffix).count() > 1
        } else if let Some(prefix) = domain.strip_suffix('*') {
            self.prefixes.push((prefix.to_owned(), host));
            self.prefixes.iter().filter(|(p, _)| p == prefix).count() > 1
        } else {
            self.exact.insert(domain.clone(), host).is_some()
        };
        if taken {
            Err(format!("domain {domain:?} is named twice; each may be in one virtual host only"))
        } else {
            Ok(())
        }
    }
}

/// What routes may refer to.
pub struct RouteScope<'a> {
    pub clusters: &'a Clusters,
    pub base_dir: &'a std::path::Path,
    /// Knows the filters of the chain.
    pub filter_config: &'a ReadFilterConfig<'a>,
}

/// By filter, most specific first.
type FilterConfigs = HashMap<String, Vec<PerRouteConfig>>;

/// What the route configuration says for all of its hosts.
struct Outer {
    headers: Arc<HeaderChanges>,
    filter_configs: FilterConfigs,
}

impl RouteScope<'_> {
    /// Reads `typed_per_filter_config`, in front of what is inherited.
    fn filter_configs(
        &self,
        configs: Map<String, Value>,
        inherited: &FilterConfigs,
        at: &YamlPath,
    ) -> Result<FilterConfigs, ConfigError> {
        let at = at.field("typed_per_filter_config");
        let mut all = inherited.clone();
        for (name, config) in configs {
            let at = at.field(&name);
            let config = (self.filter_config)(&name, config, &at)?;
            all.entry(name).or_default().insert(0, config);
        }
        Ok(all)
    }
}

impl Host {
    fn new(
        config: VirtualHost,
        host_headers: Arc<HeaderChanges>,
        outer: &Outer,
        scope: &RouteScope<'_>,
        at: &YamlPath,
    ) -> Result<Self, ConfigError> {
        let inherited = scope.filter_configs(config.typed_per_filter_config, &outer.filter_configs, at)?;
        let mut host = Self::default();
        for (i, mut fields) in config.routes.into_iter().enumerate() {
            let at = at.field("routes").index(i);
            let headers = Arc::new(HeaderChanges::take(&mut fields, &at)?);
            let mut route: config::Route = read(fields, &at)?;
            let of_route = std::mem::take(&mut route.typed_per_filter_config);
            let filter_configs = scope.filter_configs(of_route, &inherited, &at)?;
            let action = Action::new(&mut route, scope.clusters, scope.base_dir, &at)?;
            let matcher = Matcher::new(route.matches, &at.field("match"))?;
            match &matcher.path {
                PathMatcher::Exact(path) => host.exact.entry(path.clone()).or_default().push(i),
                _ => host.others.push(i),
            }
            let headers = [outer.headers.clone(), host_headers.clone(), headers];
            host.routes.push(Arc::new(Route { name: route.name, matcher, action, filter_configs, headers }));
        }
        Ok(host)
    }

    /// Walks the routes that can match in their YAML order: those of exactly this path merged with those matched otherwise.
    fn route(&self, path: &str, headers: &HeaderMap) -> Option<&Arc<Route>> {
        let mut exact = self.exact.get(path).map(Vec::as_slice).unwrap_or_default();
        let mut others = self.others.as_slice();
        loop {
            let index = match (exact.split_first(), others.split_first()) {
                (Some((e, rest)), o) if o.is_none_or(|(o, _)| e < o) => {
                    exact = rest;
                    *e
                }
                (_, Some((o, rest))) => {
                    others = rest;
                    *o
                }
                (_, None) => return None,
            };
            let route = &self.routes[index];
            if route.matcher.is_match(path, headers) {
                return Some(route);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn direct(name: &str, matches: Value) -> Value {
        json!({"name": name, "match": matches, "direct_response": {"status": 200}})
    }

    fn table(config: Value) -> Result<RouteTable, ConfigError> {
        let clusters = Clusters::default();
        let scope = RouteScope {
            clusters: &clusters,
            base_dir: std::path::Path::new("."),
            filter_config: &|_, _, at| Err(at.error("no filter of http_filters has this name")),
        };
        RouteTable::new(config, &scope, &YamlPath::root().field("route_config"))
    }

    fn resolve(table: &RouteTable, uri: &str) -> Option<String> {
        let request = http::Request::builder().uri(uri).body(()).unwrap();
        table.resolve(&request, IpAddr::from([127, 0, 0, 1])).map(|route| route.name.clone())
    }

    #[test]
    fn first_match_wins_across_exact_and_prefix_routes() {
        let table = table(json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            direct("early", json!({"prefix": "/a/b"})),
            direct("exact", json!({"path": "/a/b/c"})),
            direct("only", json!({"path": "/x"})),
            direct("rest", json!({"prefix": "/"})),
        ]}]}))
        .unwrap();
        assert_eq!(resolve(&table, "http://h/a/b/c").as_deref(), Some("early"));
        assert_eq!(resolve(&table, "http://h/x?y=1").as_deref(), Some("only"));
        assert_eq!(resolve(&table, "http://h/xy").as_deref(), Some("rest"));
    }

    #[test]
    fn domains_are_searched_from_specific_to_general() {
        let host = |name: &str, domain: &str| json!({"name": name, "domains": [domain], "routes": [direct(name, json!({"prefix": "/"}))]});
        let table = table(json!({"virtual_hosts": [
            host("any", "*"), host("prefix", "shop.*"), host("short", "*.org"), host("long", "*.eu.org"), host("exact", "Shop.org"),
        ]}))
        .unwrap();
        let cases = [
            ("shop.org", "exact"),
            ("a.eu.org", "long"),
            ("a.org", "short"),
            ("shop.com", "prefix"),
            ("x:8080", "any"),
        ];
        for (authority, name) in cases {
            assert_eq!(
                resolve(&table, &format!("http://{authority}/")).as_deref(),
                Some(name),
                "{authority}"
            );
        }
    }

    #[test]
    fn mistakes_are_named() {
        let error = table(json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "nowhere"}}]}]}));
        let error = error.err().unwrap().to_string();
        assert_eq!(
            error,
            "route_config.virtual_hosts[0].routes[0].route.cluster: no cluster is called \"nowhere\""
        );
        let error = table(json!({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "c", "retry_policy": {}}}]}]}));
        let error = error.err().unwrap().to_string();
        assert!(
            error.starts_with(
                "route_config.virtual_hosts[0].routes[0].route.retry_policy: field not supported"
            ),
            "{error}"
        );
        let twice = table(json!({"virtual_hosts": [{"name": "all", "domains": ["a", "A"]}]}));
        assert!(twice.err().unwrap().to_string().contains("named twice"));
    }
}
