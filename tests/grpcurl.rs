//! grpcurl: reflection through the edge in plain text, and services directly over mTLS.

use std::process::{Command, Output};

use serde_json::json;
use shopmesh_mesh::ServiceName;

use crate::support::Shop;

fn grpcurl(arguments: &[&str]) -> Output {
    Command::new("grpcurl")
        .args(arguments)
        .output()
        .expect("grpcurl is on the PATH: run the tests by tests/run")
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn reflection_through_the_edge_shows_what_is_public() {
    let shop = Shop::start();
    let address = format!("127.0.0.1:{}", shop.port(8080));
    let listed = text(&grpcurl(&["-plaintext", &address, "list"]));
    assert!(listed.contains("shopmesh.orders.v1.CheckoutService"), "{listed}");
    assert!(!listed.contains("ReservationService"), "internal services are not public: {listed}");
    let described =
        text(&grpcurl(&["-plaintext", &address, "describe", "shopmesh.orders.v1.StartCheckoutRequest"]));
    assert!(described.contains("payment_token"), "{described}");
}

#[test]
fn each_service_directly_with_an_operators_certificate() {
    let shop = Shop::start();
    let (ca, cert, key) = (shop.pki("ca.crt"), shop.pki("operator-cli.crt"), shop.pki("operator-cli.key"));
    for service in ServiceName::ALL {
        let address = format!("localhost:{}", shop.port(service.default_port()));
        let listed = grpcurl(&["-cacert", &ca, "-cert", &cert, "-key", &key, &address, "list"]);
        assert!(
            listed.status.success() && text(&listed).contains("grpc.health.v1.Health"),
            "{service}: {}",
            text(&listed)
        );
        let health =
            grpcurl(&["-cacert", &ca, "-cert", &cert, "-key", &key, &address, "grpc.health.v1.Health/Check"]);
        assert!(text(&health).contains("SERVING"), "{service}: {}", text(&health));
        let refused = grpcurl(&[
            "-insecure",
            "-connect-timeout",
            "3",
            "-max-time",
            "3",
            &address,
            "grpc.health.v1.Health/Check",
        ]);
        assert!(!refused.status.success(), "{service} answered without a certificate");
    }
    let address = format!("localhost:{}", shop.port(9105));
    let balance = grpcurl(&[
        "-cacert",
        &ca,
        "-cert",
        &cert,
        "-key",
        &key,
        &address,
        "shopmesh.payments.v1.LedgerService/TrialBalance",
    ]);
    assert!(text(&balance).contains("\"balanced\": true"), "{}", text(&balance));
    // An operator is not a service: what belongs to the mesh stays in the mesh.
    let void = json!({"checkout": format!("checkouts/chk_{}", "0".repeat(26))}).to_string();
    let method = "shopmesh.payments.v1.PaymentFlowService/VoidPayment";
    let refused = grpcurl(&["-cacert", &ca, "-cert", &cert, "-key", &key, "-d", &void, &address, method]);
    assert!(text(&refused).contains("PermissionDenied"), "{}", text(&refused));
}
