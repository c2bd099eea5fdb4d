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
type Known = BTreeMap<&'static str, Vec<String>>;

const EMAIL: &str = "ada@example.com";

/// What there is in a shop with one purchase. What is used up is there more than once.
fn known(shop: &Shop) -> Known {
    let (shopper, operator) = (Account::shopper(shop, EMAIL), shop.operator());
    let variant = find_variant(shop, "assam");
    let product = &operator.get("/v1/products:search?query=assam").ok()["hits"][0]["product"];
    let category = &operator.get("/v1/categories").ok()["categories"][0]["name"];
    let template = &operator.get("/v1/templates").ok()["templates"][0]["name"];
    let orders: Vec<Value> = (0..4).map(|_| shopper.buys(&variant)).collect();
    let carts: Vec<Value> = (0..8).map(|_| shopper.cart(&variant, 1)).collect();
    let postal = json!({"recipient": "Ada", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"});
    let address = shopper.post(&format!("/v1/{}/addresses", shopper.name), &postal).ok();
    let sessions = (0..4).map(|_| Account::sign_in(shop, EMAIL, "a long password").refresh_token);

    let id = |name: &Value| name.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let ids =
        |resources: &[Value], field: &str| resources.iter().map(|resource| id(&resource[field])).collect();
    let one = |value: &str| vec![value.to_owned()];
    let mut known: Known = [
        ("path.cart", ids(&carts, "name")),
        ("path.order", ids(&orders, "name")),
        ("path.checkout", ids(&orders, "checkout")),
        ("path.payment", ids(&orders, "payment")),
        ("path.product", vec![id(product)]),
        ("path.category", vec![id(category)]),
        ("path.template", vec![id(template)]),
        ("path.address", vec![id(&address["name"])]),
        ("path.user", vec![id(&json!(shopper.name))]),
        ("path.variant", vec![id(&json!(variant))]),
        ("path.channel", one("default")),
        ("path.asset", one("landing.js")),
        ("body.refreshToken", sessions.collect()),
    ]
    .into();
    let category = category.as_str().unwrap();
    let fields = [
        ("query.variant", variant.as_str()),
        ("body.variant", &variant),
        ("body.lines[*].variant", &variant),
        ("body.location", "locations/east"),
        ("body.parent", category),
        ("body.category", category),
        ("body.channel", "channels/default"),
        ("body.seller", "sellers/house"),
        ("body.currencyCode", "USD"),
        ("body.locale", "en-US"),
        ("body.countries[*]", "US"),
        ("body.regionCode", "US"),
        ("body.shippingAddress.regionCode", "US"),
        ("body.amount.currencyCode", "USD"),
        ("body.paymentToken", "tok_approve"),
        ("body.email", EMAIL),
        ("body.password", "a long password"),
    ];
    known.extend(fields.map(|(place, value)| (place, one(value))));
    known
}

/// What schemathesis is told: the committed settings, what the shop knows, and who calls.
fn settings(known: &Known, token: Option<&str>) -> String {
    let mut settings = fs::read_to_string(tools().join("schemathesis.toml")).unwrap();
    for (place, values) in known {
        settings.push_str(&format!("\n[dictionaries.{place:?}]\nvalues = {values:?}\n"));
    }
    settings.push_str("\n[parameters]\n");
    for place in known.keys() {
        settings.push_str(&format!("{place:?} = {{ dictionary = {place:?}, probability = 0.8 }}\n"));
    }
    if let Some(token) = token {
        settings.push_str(&format!("\n[auth.openapi.accessToken]\nbearer = {token:?}\n"));
    }
    settings
}

/// Statuses by operation, such as `GET /v1/products`.
type Answers = BTreeMap<String, BTreeSet<u64>>;

/// Calls every operation on behalf of somebody; any answer that the document does not describe fails the test.
fn call_everything(shop: &Shop, known: &Known, token: Option<&str>, arguments: &[&str]) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    let (config, report) = (folder.path().join("schemathesis.toml"), folder.path().join("report.ndjson"));
    fs::write(&config, settings(known, token)).unwrap();
    let output = Command::new("schemathesis")
        .arg("--config-file")
        .arg(&config)
        .args(["run", "--no-color", "--report", "ndjson", "--report-ndjson-path"])
        .arg(&report)
        .args(arguments)
        .arg(format!("{}/openapi.json", shop.url()))
        .env("SCHEMATHESIS_HOOKS", "text")
        .current_dir(tools())
        .output()
        .expect("schemathesis is on the PATH: run the tests by tests/run");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{}", text.concat());

    let mut answers = Answers::new();
    for line in fs::read_to_string(report).unwrap().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let calls = &event["ScenarioFinished"]["recorder"];
        let Some(interactions) = calls["interactions"].as_object() else { continue };
        let statuses = interactions.values().filter_map(|call| call["response"]["status_code"].as_u64());
        answers.entry(calls["label"].as_str().unwrap().to_owned()).or_default().extend(statuses);
    }
    answers
}

#[test]
fn the_shop_answers_as_described() {
    let shop = Shop::start();
    let known = known(&shop);
    let well_formed = ["--phases", "fuzzing", "--mode", "positive"];
    let mut answers = call_everything(&shop, &known, None, &[&well_formed[..], &["-n", "3"]].concat());
    let shopper = Account::sign_in(&shop, EMAIL, "a long password").token;
    let of_shopper =
        call_everything(&shop, &known, Some(&shopper), &[&well_formed[..], &["-n", "12"]].concat());
    // Last, and with requests of every form: an operator can take from the shopper what the others need.
    let operator = shop.operator().token;
    let of_operator = call_everything(&shop, &known, Some(&operator), &[]);
    for (operation, statuses) in of_shopper.into_iter().chain(of_operator) {
        answers.entry(operation).or_default().extend(statuses);
    }

    let document: Value = serde_json::from_str(&openapi::render()).unwrap();
    assert_eq!(answers.len(), operations(&document).count(), "not every operation was called");
    let never: Vec<_> = answers.iter().filter(|(_, statuses)| !statuses.contains(&200)).collect();
    assert!(never.is_empty(), "these never succeeded, so that no answer was compared: {never:?}");
}
