//! The description of the API: it is what the contracts say, linters find nothing in it, and the shop keeps to it.

use crate::support::{Account, Shop, client::find_variant};
use serde_json::{Value, json};
use shopmesh_proto::{
    derive::openapi,
    policy::{MethodPolicy, PolicyTable},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where the tools are described and, by `tests/run`, installed.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi")
}

/// Every operation of a document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|path| path.as_object().unwrap().values())
}

fn public() -> impl Iterator<Item = &'static MethodPolicy> {
    PolicyTable::global().methods().filter(|method| method.is_public() && !method.http.is_empty())
}

#[test]
fn the_edge_serves_what_the_contracts_say() {
    let shop = Shop::start();
    let mut answer = ureq::get(format!("{}/openapi.json", shop.url())).call().unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(text == openapi::render(), "the served document is not the derived one");

    let document: Value = serde_json::from_str(&text).unwrap();
    let described: BTreeSet<_> =
        operations(&document).map(|operation| operation["x-shopmesh-rpc"].as_str().unwrap()).collect();
    let served: BTreeSet<_> = public().map(|method| method.path.trim_start_matches('/')).collect();
    assert_eq!(described, served);
    let forms: usize = public().map(|method| method.http.len()).sum();
    assert_eq!(operations(&document).count(), forms);
}

/// Runs one of the linters on the document.
fn lint(program: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("openapi.json");
    fs::write(&document, openapi::render()).unwrap();
    let output = Command::new(tools().join("node_modules/.bin").join(program))
        .args(arguments)
        .arg(&document)
        .current_dir(tools())
        .envs([("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")])
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: run the tests by tests/run"));
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}", text.concat());
}

#[test]
fn redocly_finds_nothing() {
    lint("redocly", &["lint", "--config", "redocly.yaml"]);
}

#[test]
fn spectral_finds_nothing() {
    lint("spectral", &["lint", "--ruleset", "spectral.yaml", "--fail-severity", "warn"]);
}

#[test]
fn the_vendored_swagger_ui_is_the_published_one() {
    let vendored = Path::new(env!("CARGO_MANIFEST_DIR")).join("services/platform/assets/swagger-ui");
    let published = tools().join("node_modules/swagger-ui-dist");
    let mut compared = 0;
    for file in fs::read_dir(vendored).unwrap() {
        let file = file.unwrap();
        let theirs = fs::read(published.join(file.file_name())).expect("run the tests by tests/run");
        assert!(fs::read(file.path()).unwrap() == theirs, "{} differs", file.path().display());
        compared += 1;
    }
    assert_eq!(compared, 5);
}

/// Values that a request can name, by where schemathesis puts them.
fn known(shop: &Shop) -> BTreeMap<&'static str, String> {
    let (shopper, operator) = (shopper(shop), shop.operator());
    let variant = find_variant(shop, "assam");
    let product = &operator.get("/v1/products:search?query=assam").ok()["hits"][0]["product"];
    let category = &operator.get("/v1/categories").ok()["categories"][0]["name"];
    let address = json!({"recipient": "Ada", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"});
    let address = shopper.post(&format!("/v1/{}/addresses", shopper.name), &address).ok();
    let order = shopper.buys(&variant);
    let cart = shopper.cart(&variant, 1);
    let name = |resource: &Value| resource.as_str().unwrap().to_owned();
    let id = |resource: &Value| name(resource).rsplit('/').next().unwrap().to_owned();
    [
        ("path.product", id(product)),
        ("path.category", id(category)),
        ("path.variant", id(&json!(variant))),
        ("path.cart", id(&cart["name"])),
        ("path.checkout", id(&order["checkout"])),
        ("path.order", id(&order["name"])),
        ("path.payment", id(&order["payment"])),
        ("path.user", id(&json!(shopper.name))),
        ("path.address", id(&address["name"])),
        ("path.channel", "default".to_owned()),
        ("path.template", "order-placed".to_owned()),
        ("path.asset", "landing.js".to_owned()),
        ("query.variant", variant.clone()),
        ("body.variant", variant.clone()),
        ("body.lines[*].variant", variant),
        ("body.location", "locations/east".to_owned()),
        ("body.parent", name(category)),
        ("body.category", name(category)),
        ("body.channel", "channels/default".to_owned()),
        ("body.paymentToken", "tok_approve".to_owned()),
        ("body.shippingAddress.regionCode", "US".to_owned()),
        ("body.email", "ada@example.com".to_owned()),
        ("body.password", "a long password".to_owned()),
    ]
    .into()
}

fn shopper(shop: &Shop) -> Account {
    Account::shopper(shop, "ada@example.com")
}

/// What schemathesis is told: the committed settings, and the names that this shop knows.
fn settings(known: &BTreeMap<&str, String>) -> String {
    let mut settings = fs::read_to_string(tools().join("schemathesis.toml")).unwrap();
    for (place, value) in known {
        settings.push_str(&format!("\n[dictionaries.\"{place}\"]\nvalues = [{value:?}]\n"));
    }
    settings.push_str("\n[parameters]\n");
    for place in known.keys() {
        settings.push_str(&format!("{place:?} = {{ dictionary = {place:?}, probability = 0.7 }}\n"));
    }
    settings
}
