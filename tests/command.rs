//! The command itself: panel, ports, restart, drain, sub-commands, and real Envoy on our YAML.

use std::{fs, net::TcpListener, process::Command};

use crate::support::{Account, Shop, client::find_variant, envoy, eventually, shop::free_offset};

fn shopmesh(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_shopmesh")).args(arguments).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

#[test]
fn a_restart_keeps_everything_and_ctrl_c_drains() {
    let mut shop = Shop::start();
    let shopper = Account::shopper(&shop, "ada@example.com");
    let cart = shopper.cart(&find_variant(&shop, "honey"), 1);
    assert!(shop.interrupt().success(), "{}", shop.log());
    shop.restart();
    let shopper = Account::sign_in(&shop, "ada@example.com", "a long password");
    let again = shopper.get(&format!("/v1/{}", cart["name"].as_str().unwrap())).ok();
    assert_eq!(again["lines"], cart["lines"]);
}

#[test]
fn the_panel_tells_what_to_try() {
    let shop = Shop::start();
    let panel = shop.log();
    for part in ["http://127.0.0.1:", "operator@shopmesh.example", "curl", "grpcurl", "ctrl-C"] {
        assert!(panel.contains(part), "{part} is missing in:\n{panel}");
    }
}

#[test]
fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let offset = free_offset();
    let taken = TcpListener::bind(("127.0.0.1", 9104 + offset)).unwrap();
    let data = folder.path().join("shop").display().to_string();
    let (success, text) = shopmesh(&["up", "--data", &data, "--port-offset", &offset.to_string()]);
    assert!(!success && text.contains(&taken.local_addr().unwrap().to_string()), "{text}");
}

#[test]
fn an_ephemeral_shop_leaves_nothing() {
    let mut shop = Shop::start_with(&["--ephemeral"]);
    assert!(shop.data.exists());
    assert!(shop.interrupt().success());
    assert!(!shop.data.exists());
}

#[test]
fn two_shops_do_not_share_a_directory() {
    let shop = Shop::start();
    let data = shop.data.display().to_string();
    let (success, text) = shopmesh(&["up", "--data", &data, "--port-offset", &free_offset().to_string()]);
    assert!(!success && text.contains("another shopmesh uses"), "{text}");
}

#[test]
fn real_envoy_accepts_our_yaml_and_so_do_we() {
    let shop = Shop::start();
    envoy::validate(&shop.edge_yaml()).unwrap();
    let yaml = shop.edge_yaml().display().to_string();
    let (success, text) = shopmesh(&["edge", "--config", &yaml, "--mode", "validate"]);
    assert!(success && text.contains("OK"), "{text}");
}

#[test]
fn a_yaml_that_is_not_supported_is_refused_with_its_path() {
    let shop = Shop::start();
    let yaml = fs::read_to_string(shop.edge_yaml()).unwrap();
    let file = shop.data.join("edge/odd.yaml");
    fs::write(
        &file,
        yaml.replace("stat_prefix: public", "stat_prefix: public\n          add_user_agent: true"),
    )
    .unwrap();
    let (success, text) = shopmesh(&["edge", "--config", &file.display().to_string(), "--mode", "validate"]);
    assert!(!success && text.contains("add_user_agent") && text.contains("listeners[0]"), "{text}");
}

#[test]
fn admin_pages() {
    let shop = Shop::start();
    for (port, path, part) in [
        (9901, "/ready", "LIVE"),
        (9901, "/stats/prometheus", "envoy_"),
        (9901, "/config_dump", "static_resources"),
        (9901, "/clusters", "orders::"),
        (9100, "/health", ""),
        (9100, "/metrics", "grpc_server"),
    ] {
        let url = format!("http://127.0.0.1:{}{path}", shop.port(port));
        let body = eventually(path, || ureq::get(&url).call().ok()).body_mut().read_to_string().unwrap();
        assert!(body.contains(part), "{path}: {body}");
    }
}

#[test]
fn certificates_and_versions() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let (success, text) =
        shopmesh(&["pki", "issue", "spiffe://shopmesh.local/operator/ada", "--data", &data]);
    assert!(success && text.contains("operator-ada.crt"), "{text}");
    let (success, text) = shopmesh(&["pki", "issue", "https://example.com", "--data", &data]);
    assert!(!success && text.contains("SPIFFE"), "{text}");
    assert!(shopmesh(&["version"]).1.starts_with("shopmesh "));
}
