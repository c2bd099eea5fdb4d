//! Envoy reaches the services by the edge's certificate, and not without.

use std::{fs, net::Ipv4Addr};

use crate::support::{
    Shop, envoy, eventually,
    http::{request, send},
    shop::free_offset,
};

#[tokio::test]
async fn the_services_answer_envoy_for_its_certificate() {
    let shop = Shop::behind_envoy(&["--rate-limit", "off"]);
    let list = || request("GET", "/v1/products?pageSize=1");
    assert_eq!(send(shop.address(), list()).await.status, 200);
    let admin = |port: u16, path: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap()
    };
    let certificates = admin(shop.port(9901), "/certs");
    assert!(certificates.contains("spiffe://shopmesh.local/edge/main"), "{certificates}");

    // The same file without certificate and key, on ports of its own.
    let yaml = fs::read_to_string(shop.edge_yaml()).unwrap();
    let offset = free_offset();
    let (public, private) = (8080 + offset, 9901 + offset);
    let yaml = envoy::with_ports(&yaml, [(shop.port(8080), public), (shop.port(9901), private)]);
    let is_certificate = |line: &&str| {
        ["tls_certificates:", "certificate_chain:", "private_key:"].iter().any(|part| line.contains(part))
    };
    let without: Vec<&str> = yaml.lines().filter(|line| !is_certificate(line)).collect();
    let file = shop.edge_yaml().with_file_name("without.yaml");
    fs::write(&file, without.join("\n")).unwrap();
    let _envoy = envoy::start(&file, private);
    let refused = send((Ipv4Addr::LOCALHOST, public).into(), list()).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    eventually("the handshake failed", || {
        let stats = admin(
            private,
            "/stats?filter=cluster.catalog.ssl|cluster.catalog.upstream_cx_(connect_fail|destroy_remote)",
        );
        stats
            .lines()
            .any(|line| line.starts_with("cluster.catalog.upstream_cx") && !line.ends_with(": 0"))
            .then_some(())
    });
}
