//! A bootstrap with one part given.

/// Where in a bootstrap a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The whole document.
    Document,
    /// Beside `static_resources`.
    Top,
    /// Fields of the listener, before `filter_chains`.
    Listener,
    /// A field of the connection manager.
    Manager,
    /// Filters in front of the router.
    Filters,
    /// The router.
    Router,
    /// All of `route_config`.
    RouteConfig,
    /// The list of virtual hosts.
    Hosts,
    /// Its list of routes.
    Routes,
    /// Fields of the route's action.
    Route,
    /// Fields of a `LocalRateLimit` that has a bucket.
    RateLimit,
    /// Fields of a `LocalRateLimit`.
    Bucket,
    /// Fields of a `JwtAuthentication`.
    Jwt,
    /// Fields of a `JwtProvider` that has keys.
    Provider,
    /// One `HeaderMutation` of requests.
    Mutation,
    /// Fields of a `Gzip`.
    Gzip,
    /// Fields of the `response_direction_config` of a `Compressor`.
    Compressor,
    /// Fields of a `CorsPolicy` of the virtual host.
    Cors,
    /// Fields of the cluster.
    Cluster,
    /// The endpoint's `SocketAddress`.
    Endpoint,
    /// More clusters.
    Clusters,
}

const EXTENSION: &str = "type.googleapis.com/envoy.extensions.filters.http";
const KEY: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","alg":"ES256","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fn filter(name: &str, message: &str, fields: &str) -> String {
    format!("{{ name: {name}, typed_config: {{ \"@type\": {EXTENSION}.{message}, {fields} }} }}, ")
}

fn compressor(gzip: &str, response: &str) -> String {
    let library = format!(
        "{{ name: gzip, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip, {gzip} }} }}"
    );
    let fields = format!("compressor_library: {library}, response_direction_config: {{ {response} }}");
    filter("compressor", "compressor.v3.Compressor", &fields)
}

/// The filters in front of the router.
fn filters(slot: Slot, text: &str) -> String {
    let bucket = "token_bucket: { max_tokens: 1, fill_interval: 1s }";
    match slot {
        Slot::Filters => text.to_owned(),
        Slot::Bucket => filter("limit", "local_ratelimit.v3.LocalRateLimit", text),
        Slot::RateLimit => {
            filter("limit", "local_ratelimit.v3.LocalRateLimit", &format!("stat_prefix: x, {bucket}, {text}"))
        }
        Slot::Jwt => filter("jwt", "jwt_authn.v3.JwtAuthentication", text),
        Slot::Provider => {
            let provider = format!("{{ issuer: x, local_jwks: {{ inline_string: '{KEY}' }}, {text} }}");
            filter("jwt", "jwt_authn.v3.JwtAuthentication", &format!("providers: {{ p: {provider} }}"))
        }
        Slot::Mutation => {
            let mutations = format!("mutations: {{ request_mutations: [{text}] }}");
            filter("change", "header_mutation.v3.HeaderMutation", &mutations)
        }
        Slot::Gzip => compressor(text, ""),
        Slot::Compressor => compressor("", text),
        Slot::Cors => filter("cors", "cors.v3.Cors", ""),
        _ => String::new(),
    }
}

/// The bootstrap with `text` in its place.
pub fn document(slot: Slot, text: &str) -> String {
    let or =
        |wanted: Slot, otherwise: &str| if slot == wanted { text.to_owned() } else { otherwise.to_owned() };
    let filters = filters(slot, text);
    let of_host = match slot {
        Slot::Cors => {
            format!(
                "typed_per_filter_config: {{ cors: {{ \"@type\": {EXTENSION}.cors.v3.CorsPolicy, {text} }} }}, "
            )
        }
        _ => String::new(),
    };
    let route = format!("[{{ match: {{ prefix: / }}, route: {{ cluster: up, {} }} }}]", or(Slot::Route, ""));
    let hosts = format!("[{{ name: all, domains: [\"*\"], {of_host}routes: {} }}]", or(Slot::Routes, &route));
    let route_config = format!("route_config: {{ virtual_hosts: {} }}", or(Slot::Hosts, &hosts));
    let router = format!("{{ name: router, typed_config: {{ \"@type\": {EXTENSION}.router.v3.Router }} }}");
    if slot == Slot::Document {
        return text.to_owned();
    }
    format!(
        r#"{top}
static_resources:
  listeners:
  - name: main
    address: {{ socket_address: {{ address: 127.0.0.1, port_value: 0 }} }}
    {listener}
    filter_chains:
    - filters:
      - name: manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: main
          {manager}
          http_filters: [{filters}{router}]
          {route_config}
  clusters:
  - name: up
    connect_timeout: 1s
    {cluster}
    load_assignment:
      cluster_name: up
      endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: {{ {endpoint} }} }} }} }}] }}]
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{ http2_protocol_options: {{}} }}
  {clusters}
"#,
        top = or(Slot::Top, ""),
        listener = or(Slot::Listener, ""),
        manager = or(Slot::Manager, ""),
        router = or(Slot::Router, &router),
        route_config = or(Slot::RouteConfig, &route_config),
        cluster = or(Slot::Cluster, "type: STATIC"),
        endpoint = or(Slot::Endpoint, "address: 127.0.0.1, port_value: 1234"),
        clusters = or(Slot::Clusters, ""),
    )
}
