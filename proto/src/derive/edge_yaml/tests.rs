use super::*;
use serde_yaml::Value;

fn params(rate_limit: bool) -> EdgeYamlParams {
    let services = ["identity", "catalog", "inventory", "orders", "payments", "notifications", "platform"];
    EdgeYamlParams {
        listen: "127.0.0.1:8080".parse().unwrap(),
        admin: "127.0.0.1:9901".parse().unwrap(),
        services: services.map(|name| (name.to_owned(), vec!["127.0.0.1:9101".parse().unwrap()])).into(),
        trust_domain: "shopmesh.local".into(),
        certificate: "a \"b\"/edge.crt".into(),
        private_key: "pki/edge.key".into(),
        roots: "pki/ca.crt".into(),
        descriptors: "descriptors.binpb".into(),
        rate_limit,
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
fn rate_limits_can_be_turned_off() {
    assert!(!render(&params(false)).contains("numerator: 100"));
}

#[test]
fn odd_paths_stay_one_scalar() {
    let document: Value = serde_yaml::from_str(&render(&params(true))).unwrap();
    let tls = &document["static_resources"]["clusters"][0]["transport_socket"]["typed_config"]["common_tls_context"];
    assert_eq!(tls["tls_certificates"][0]["certificate_chain"]["filename"], "a \"b\"/edge.crt");
}
