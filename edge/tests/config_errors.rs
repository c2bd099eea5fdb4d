//! What the edge would not do is a start error that names its place.

use std::{collections::BTreeSet, path::Path};

use shopmesh_edge::{Edge, LoadError};

use crate::{
    config_cases::{DEVIATIONS, Slot, Verdict, cases, document},
    support::Config,
};

const MANAGER: &str = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config";

fn error(config: &Config) -> String {
    error_of(&config.yaml("127.0.0.1:1".parse().unwrap()))
}

fn error_of(yaml: &str) -> String {
    Edge::from_yaml(yaml, Path::new(".")).err().expect("accepted").to_string()
}

#[test]
fn unsupported_fields_are_named() {
    let cases = [
        (Config { manager: "access_log: []", ..Config::default() }, "access_log: field not supported by this edge"),
        (Config { manager: "request_headers_timeout: 0s", ..Config::default() }, "request_headers_timeout: must be above 0s"),
        (Config { manager: "stream_idle_timeout: 5", ..Config::default() }, "stream_idle_timeout: "),
        (
            Config { filters: "{ name: f, typed_config: { \"@type\": x/envoy.extensions.filters.http.fault.v3.HTTPFault } }, ".into(), ..Config::default() },
            "http_filters[0].typed_config.@type: envoy.extensions.filters.http.fault.v3.HTTPFault is not supported",
        ),
        (Config { filters: "{ name: f }, ".into(), ..Config::default() }, "http_filters[0].typed_config.@type: filter \"f\" needs"),
        (
            Config { routes: "[{ match: { prefix: / }, route: { cluster: up, retry_policy: {} } }]".into(), ..Config::default() },
            "route_config.virtual_hosts[0].routes[0].route.retry_policy: field not supported",
        ),
        (
            Config { host: "typed_per_filter_config: { envoy.filters.http.cors: {} }", ..Config::default() },
            "route_config.virtual_hosts[0].typed_per_filter_config[\"envoy.filters.http.cors\"]: no filter",
        ),
    ];
    for (config, expected) in cases {
        let error = error(&config);
        assert!(error.starts_with(&format!("{MANAGER}.{expected}")), "{error}");
    }
}

#[test]
fn a_bootstrap_is_taken_or_refused_as_envoy_does() {
    let (mut shown, mut wrong) = (BTreeSet::new(), Vec::new());
    for (slot, text, verdict) in cases() {
        let outcome = Edge::from_yaml(&document(*slot, text), Path::new("."));
        let problem = outcome.err().map(|error| error.to_string());
        let (deviation, expected) = match *verdict {
            Verdict::Taken => (None, None),
            Verdict::Laxer(deviation) => (Some(deviation), None),
            Verdict::Refused(expected) => (None, Some(expected)),
            Verdict::Stricter(deviation, expected) => (Some(deviation), Some(expected)),
        };
        shown.extend(deviation);
        let is_right = match (expected, &problem) {
            (Some(expected), Some(problem)) => problem.contains(expected),
            (expected, problem) => expected.is_none() && problem.is_none(),
        };
        if !is_right {
            wrong.push(format!("{slot:?} {text}: {verdict:?}, but {problem:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(shown, DEVIATIONS.iter().copied().collect());
}

#[test]
fn listeners_do_not_share_an_address() {
    let one = |name: &str, port: u16| {
        let whole = document(Slot::Top, "");
        let (_, listener) = whole.split_once("  listeners:\n").unwrap();
        let (listener, _) = listener.split_once("  clusters:").unwrap();
        listener
            .replace("name: main", &format!("name: {name}"))
            .replace("port_value: 0", &format!("port_value: {port}"))
    };
    let two = |first: String, second: String| {
        let clusters = document(Slot::Top, "");
        let (_, clusters) = clusters.split_once("  clusters:").unwrap();
        format!("static_resources:\n  listeners:\n{first}{second}  clusters:{clusters}")
    };
    let taken = |yaml: String| Edge::from_yaml(&yaml, Path::new(".")).is_ok();
    assert!(taken(two(one("a", 1), one("b", 2))) && taken(two(one("a", 0), one("b", 0))));
    let listeners = "static_resources.listeners[1]";
    assert_eq!(
        error_of(&two(one("a", 1), one("b", 1))),
        format!("{listeners}.address: two listeners have the address 127.0.0.1:1")
    );
    assert_eq!(
        error_of(&two(one("a", 1), one("a", 2))),
        format!("{listeners}.name: two listeners are called \"a\"")
    );
}

#[test]
fn files_and_addresses_are_checked_at_start() {
    let tls = r#"transport_socket:
      name: tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context: { validation_context: { trusted_ca: { filename: missing.crt } } }"#;
    let error = error(&Config { tls: tls.into(), ..Config::default() });
    let place = "static_resources.clusters[0].transport_socket.typed_config.common_tls_context.validation_context.trusted_ca.filename";
    assert!(error.starts_with(&format!("{place}: cannot read \"missing.crt\"")), "{error}");
    let yaml = Config::default().yaml("127.0.0.1:1".parse().unwrap());
    let open = yaml.replacen(
        "admin: { address: { socket_address: { address: 127.0.0.1",
        "admin: { address: { socket_address: { address: 0.0.0.0",
        1,
    );
    assert!(error_of(&open).starts_with("admin.address: must be a loopback address"));
    let http1 = yaml.replace(
        "explicitHttpConfig: { http2ProtocolOptions: {} }",
        "explicitHttpConfig: { httpProtocolOptions: {} }",
    );
    assert!(error_of(&http1).contains("explicit_http_config.http_protocol_options: field not supported"));
    assert!(
        error_of("dynamic_resources: {}\nstatic_resources: {}")
            .contains("dynamic_resources: field not supported")
    );
    assert!(error_of(": : :\n  - [").starts_with("bootstrap: not YAML"));
}

#[test]
fn a_missing_file_is_named() {
    let error = Edge::load(Path::new("no-such-edge.yaml")).err().unwrap();
    assert!(matches!(error, LoadError::Read { .. }) && error.to_string().contains("no-such-edge.yaml"));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let yaml = Config::default().yaml("127.0.0.1:1".parse().unwrap());
    let yaml = yaml.replacen("port_value: 0", &format!("port_value: {port}"), 1);
    let error = Edge::from_yaml(&yaml, Path::new(".")).unwrap().bind().await.err().unwrap().to_string();
    assert!(error.contains(&format!("127.0.0.1:{port} (admin)")), "{error}");
}
