use std::{net::SocketAddr, path::Path};

use serde_yaml::Value;
use shopmesh_proto::{ServiceName, ports};

use super::*;

/// A service on this machine.
fn endpoint(service: &str, port: u16) -> (String, Vec<SocketAddr>) {
    (service.to_owned(), vec![SocketAddr::from(([127, 0, 0, 1], port))])
}

/// A shop in `.shopmesh` on the default ports.
fn params(rate_limit: bool) -> EdgeYamlParams {
    EdgeYamlParams {
        listen: ([127, 0, 0, 1], ports::EDGE).into(),
        admin: ([127, 0, 0, 1], ports::EDGE_ADMIN).into(),
        services: ServiceName::ALL.map(|service| endpoint(service.as_str(), service.default_port())).into(),
        trust_domain: "shopmesh.local".into(),
        certificate: ".shopmesh/pki/edge-main.crt".into(),
        private_key: ".shopmesh/pki/edge-main.key".into(),
        roots: ".shopmesh/pki/ca.crt".into(),
        descriptors: ".shopmesh/edge/descriptors.binpb".into(),
        rate_limit,
    }
}

#[test]
fn the_committed_rendering_is_current() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../edge/shopmesh.yaml");
    let rendering = render(&params(true));
    if std::fs::read_to_string(file).unwrap_or_default() != rendering {
        std::fs::write(file, rendering).unwrap();
        panic!("edge/shopmesh.yaml was not current: it is now; look at the difference and commit it");
    }
}

fn routes(yaml: &str) -> Vec<Value> {
    let document: Value = serde_yaml::from_str(yaml).unwrap();
    let manager =
        &document["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    manager["route_config"]["virtual_hosts"][0]["routes"].as_sequence().unwrap().clone()
}

#[test]
fn every_public_rpc_has_a_route_and_no_internal_one() {
    let routes = routes(&render(&params(true)));
    let paths: Vec<&str> = routes.iter().filter_map(|route| route["match"]["path"].as_str()).collect();
    for method in PolicyTable::global().methods().filter(|method| !method.domain.is_empty()) {
        assert_eq!(paths.contains(&method.path.as_str()), method.is_public(), "{}", method.path);
    }
}

#[test]
fn credential_rpcs_have_a_bucket_of_their_own() {
    let routes = routes(&render(&params(true)));
    let sign_in = routes
        .iter()
        .find(|route| route["match"]["path"] == "/shopmesh.identity.v1.AuthService/SignIn")
        .unwrap();
    let limit = &sign_in["typed_per_filter_config"][filters::RPC_RATELIMIT];
    assert_eq!(limit["descriptors"][0]["token_bucket"]["max_tokens"], 10);
    assert_eq!(limit["filter_enforced"]["default_value"]["numerator"], 100);
}

#[test]
fn what_pages_load_has_a_bucket_of_its_own() {
    let routes = routes(&render(&params(true)));
    let limit_of = |kind: &str, path: &str| {
        let route =
            routes.iter().find(|route| route["match"][kind] == path).unwrap_or_else(|| panic!("{path}"));
        let limit = &route["typed_per_filter_config"]["envoy.filters.http.local_ratelimit"];
        limit["descriptors"][0]["token_bucket"]["max_tokens"].as_u64()
    };
    let deep = ["/assets", "/shop", "/admin", "/seller"].map(|path| ("path_separated_prefix", path));
    for (kind, path) in [("path", "/"), ("path", "/docs"), ("path", "/openapi.json")].into_iter().chain(deep)
    {
        assert_eq!(limit_of(kind, path), Some(200), "{path}");
    }
    assert_eq!(limit_of("path", "/health"), None);
    // Nothing else is limited by them.
    let prefixes = routes.iter().take_while(|route| {
        route["match"]["path"] != "/shopmesh.catalog.v1.AttributeService/CreateAttributeDefinition"
    });
    let mut prefixes: Vec<&str> =
        prefixes.filter_map(|route| route["match"]["path_separated_prefix"].as_str()).collect();
    prefixes.sort_unstable();
    assert_eq!(prefixes, ["/admin", "/assets", "/seller", "/shop"]);
    for method in PolicyTable::global()
        .methods()
        .filter(|method| method.rate != shopmesh_proto::policy::RateClass::Static)
    {
        for binding in &method.http {
            let path = Path::new(&binding.template);
            assert!(
                !prefixes.iter().any(|prefix| path.starts_with(prefix))
                    && !binding.template.starts_with("/{"),
                "{binding:?}"
            );
        }
    }
}

#[test]
fn only_pages_take_any_query() {
    for route in routes(&render(&params(true))) {
        let transcoder = &route["typed_per_filter_config"][filters::TRANSCODER];
        let path = route["match"]["path_separated_prefix"].as_str().or(route["match"]["path"].as_str());
        let is_page = path.is_some_and(|path| ["/", "/docs", "/shop", "/admin", "/seller"].contains(&path));
        assert_eq!(
            transcoder["ignore_unknown_query_parameters"].as_bool() == Some(true),
            is_page,
            "{route:?}"
        );
    }
}

#[test]
fn a_variable_leaves_the_fixed_beginning_of_its_path() {
    let cases = [
        ("/docs", Some("path: /docs")),
        ("/{name=assets/*}", Some("prefix: /assets/")),
        ("/{name=assets/**}", Some("path_separated_prefix: /assets")),
        ("/{app=shop}/{path=**}", Some("path_separated_prefix: /shop")),
        ("/v1/pages/{page}", Some("prefix: /v1/pages/")),
        ("/{path=**}", None),
    ];
    for (template, expected) in cases {
        assert_eq!(routes::path_match(template).as_deref(), expected, "{template}");
    }
}

#[test]
fn rate_limits_can_be_turned_off() {
    assert!(!render(&params(false)).contains("numerator: 100"));
}

#[test]
fn the_edge_takes_no_headers_that_a_service_refuses() {
    use shopmesh_proto::limits::{FIELD_OVERHEAD, SERVICE_HEADER_BYTES};
    let document: Value = serde_yaml::from_str(&render(&params(true))).unwrap();
    let manager =
        &document["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"];
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let bytes = number(&manager["max_request_headers_kb"]) * 1024;
    let fields = number(&manager["common_http_protocol_options"]["max_headers_count"]);
    // A token's payload, which operators may have passed on, and the edge's own: some twenty fields of 100 bytes.
    let added = 8 * 1024 + 20 * (100 + FIELD_OVERHEAD);
    assert!(bytes + fields * FIELD_OVERHEAD + added <= SERVICE_HEADER_BYTES, "{bytes} in {fields}");
    assert!(bytes >= 32 * 1024, "what browsers send fits");
}

#[test]
fn answers_that_nobody_reads_leave_the_others_their_window() {
    let document: Value = serde_yaml::from_str(&render(&params(true))).unwrap();
    for cluster in document["static_resources"]["clusters"].as_sequence().unwrap() {
        let options = &cluster["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
            ["explicit_http_config"]["http2_protocol_options"];
        let number = |name: &str| options[name].as_u64().unwrap();
        // Services take 128 requests at once on a connection.
        assert!(128 * number("initial_stream_window_size") <= number("initial_connection_window_size"));
    }
}

#[test]
fn odd_paths_stay_one_scalar() {
    let odd = EdgeYamlParams { certificate: "a \"b\"/edge.crt".into(), ..params(true) };
    let document: Value = serde_yaml::from_str(&render(&odd)).unwrap();
    let tls = &document["static_resources"]["clusters"][0]["transport_socket"]["typed_config"]["common_tls_context"];
    assert_eq!(tls["tls_certificates"][0]["certificate_chain"]["filename"], "a \"b\"/edge.crt");
}
