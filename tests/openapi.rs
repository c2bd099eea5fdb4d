//! The description of the API: it is what the contracts say, linters find nothing in it, and the shop keeps to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use shopmesh_derive::openapi;

use crate::support::{
    Account, Shop,
    client::{find_variant, request_id},
    eventually,
};

/// Where the tools are described and, by `tests/run`, installed.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi")
}

/// Their names in the reports of schemathesis, such as `GET /v1/products`.
fn labels(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap().iter();
    let label = |path: &str, method: &str| format!("{} {path}", method.to_uppercase());
    paths
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| label(path, method)))
        .collect()
}

#[test]
fn the_edge_serves_the_document() {
    let shop = Shop::start();
    let mut answer = ureq::get(format!("{}/openapi.json", shop.url())).call().unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(text == openapi::render(), "the served document is not the derived one");
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

/// Values that a request can name, by operation (or none: all) and by where schemathesis puts them.
type Known = BTreeMap<(&'static str, &'static str), Vec<String>>;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "a long password";

/// What there is in a shop, made anew for each run: every kind of resource, in the states that operations ask for, and more
/// than once where an operation uses it up.
fn known(shop: &Shop) -> Known {
    let (shopper, operator) = (Account::sign_in(shop, EMAIL, PASSWORD), shop.operator());
    let variant = find_variant(shop, "assam");
    let product = &operator.get("/v1/products:search?query=assam").ok()["hits"][0]["product"];
    let orders: Vec<Value> = (0..8).map(|_| shopper.buys(&variant)).collect();
    let (cancelled, kept) = orders.split_at(2);
    let (shipped, kept) = kept.split_at(2);
    shipped.iter().for_each(|order| ship(&operator, order));
    let carts: Vec<Value> = (0..8).map(|_| shopper.cart(&variant, 1)).collect();
    let categories: Vec<Value> = (0..4).map(|_| category(&operator)).collect();
    let address = json!({"recipient": "Ada", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"});
    let address = shopper.post(&format!("/v1/{}/addresses", shopper.name), &address).ok();
    let sessions = (0..4).map(|_| Account::sign_in(shop, EMAIL, PASSWORD).refresh_token);

    let id = |name: &Value| name.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let ids =
        |resources: &[Value], field: &str| resources.iter().map(|resource| id(&resource[field])).collect();
    let parent = categories[0]["name"].as_str().unwrap().to_owned();
    let mut known: Known = [
        (("", "path.cart"), ids(&carts, "name")),
        (("", "path.order"), ids(kept, "name")),
        (("OrderService_CancelOrder", "path.order"), ids(cancelled, "name")),
        (("FulfillmentService_MarkDelivered", "path.order"), ids(shipped, "name")),
        (("", "path.payment"), ids(shipped, "payment")),
        (("", "path.checkout"), ids(&orders, "checkout")),
        (("", "path.category"), ids(&categories, "name")),
        (("", "path.product"), vec![id(product)]),
        (("", "path.address"), vec![id(&address["name"])]),
        (("", "path.user"), vec![id(&json!(shopper.name))]),
        (("", "path.variant"), vec![id(&json!(variant))]),
        (("", "body.refreshToken"), sessions.collect()),
        (("", "query.variant"), vec![variant.clone()]),
        (("", "body.variant"), vec![variant.clone()]),
        (("", "body.lines[*].variant"), vec![variant]),
        (("", "body.parent"), vec![parent.clone()]),
        (("", "body.category"), vec![parent]),
    ]
    .into();
    known.extend(FIXED.map(|(operation, place, value)| ((operation, place), vec![value.to_owned()])));
    known
}

/// What is the same in every shop.
const FIXED: [(&str, &str, &str); 23] = [
    ("", "path.asset", "landing.js"),
    ("", "path.channel", "default"),
    ("", "path.template", "order-cancelled"),
    ("", "body.amount.currencyCode", "USD"),
    ("", "body.amount.nanos", "0"),
    ("", "body.amount.units", "1"),
    ("", "body.channel", "channels/default"),
    ("", "body.countries[*]", "US"),
    ("", "body.currencyCode", "USD"),
    // Somebody else's: failed tries close an account for a while.
    ("", "body.email", "shopper@shopmesh.example"),
    ("", "body.password", "demo-password"),
    ("", "body.etag", ""),
    ("", "body.lines[*].quantity", "1"),
    ("", "body.locale", "en-US"),
    ("", "body.location", "locations/east"),
    ("", "body.paymentToken", "tok_approve"),
    ("", "body.regionCode", "US"),
    ("", "body.seller", "sellers/house"),
    ("", "body.shippingAddress.regionCode", "US"),
    ("", "body.title", "A title"),
    ("ProductService_UpdateProduct", "query.updateMask", "title"),
    ("UserService_UpdateUser", "query.updateMask", "displayName"),
    ("CategoryService_MoveCategory", "body.parent", ""),
];

/// What an operation asks for that its schema cannot say, in TOML: at most what is left of the payment, and exactly the
/// variables of the template.
const LITERALS: [(&str, &str, &str); 2] = [
    ("PaymentService_CreateRefund", "body.amount.units", "\"1\""),
    (
        "NotificationService_RenderTemplate",
        "body.variables",
        "[{ key = \"order_number\", value = \"1007\" }]",
    ),
];

/// A new category, with nothing in it.
fn category(operator: &Account) -> Value {
    let category = json!({"code": format!("c{}", request_id()), "title": "Empty"});
    operator.post("/v1/categories", &category).ok()
}

/// Ships an order, which takes its money.
fn ship(operator: &Account, order: &Value) {
    let path = format!("/v1/{}", order["name"].as_str().unwrap());
    operator.post(&format!("{path}/shipments"), &json!({"requestId": request_id()})).ok();
    eventually("the order is paid", || {
        (operator.get(&path).ok()["paymentState"] == "PAYMENT_STATE_PAID").then_some(())
    });
}

/// What schemathesis is told: the committed settings, what the shop knows, and who calls.
fn settings(known: &Known, token: Option<&str>) -> String {
    let mut settings = fs::read_to_string(tools().join("schemathesis.toml")).unwrap();
    for ((operation, place), values) in known {
        let name = format!("{operation} {place}");
        let binding = format!("parameters.{place:?} = {{ dictionary = {name:?}, probability = 0.95 }}\n");
        settings.push_str(&format!("\n[dictionaries.{name:?}]\nvalues = {values:?}\n"));
        if operation.is_empty() {
            // A key of the whole file stands before all its tables.
            settings.insert_str(0, &binding);
        } else {
            settings.push_str(&format!("\n[[operations]]\ninclude-operation-id = {operation:?}\n{binding}"));
        }
    }
    // A dictionary changes what is generated; a literal is there even where the field may be left out.
    for (operation, place, value) in LITERALS {
        settings.push_str(&format!(
            "\n[[operations]]\ninclude-operation-id = {operation:?}\nparameters.{place:?} = {value}\n"
        ));
    }
    if let Some(token) = token {
        settings.push_str(&format!("\n[auth.openapi.accessToken]\nbearer = {token:?}\n"));
    }
    settings
}

/// Statuses by operation, such as `GET /v1/products`.
type Answers = BTreeMap<String, BTreeSet<u64>>;

/// Calls every operation on behalf of somebody; any answer that the document does not describe fails the test.
fn call_everything(shop: &Shop, token: Option<&str>, arguments: &[&str]) -> Answers {
    let folder = tempfile::tempdir().unwrap();
    let (config, report) = (folder.path().join("schemathesis.toml"), folder.path().join("report.ndjson"));
    fs::write(&config, settings(&known(shop), token)).unwrap();
    // By its address, the document would leave itself out.
    let document = folder.path().join("openapi.json");
    fs::write(&document, openapi::render()).unwrap();
    let output = Command::new("schemathesis")
        .arg("--config-file")
        .arg(&config)
        .args(["run", "--no-color", "--report", "ndjson", "--report-ndjson-path"])
        .arg(&report)
        .args(arguments)
        .arg("--url")
        .arg(shop.url())
        .arg(&document)
        .envs([("SCHEMATHESIS_HOOKS", "text"), ("PYTHONDONTWRITEBYTECODE", "1")])
        .env("PYTHONPATH", tools())
        .current_dir(folder.path())
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

/// The operations of web applications that this build does not have.
fn missing_apps() -> Vec<String> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("services/platform/assets");
    let apps = ["shop", "admin", "seller"].into_iter();
    let missing = apps.filter(|app| !assets.join(app).join("index.html").exists());
    missing.map(|app| format!("GET /{app}/{{path}}")).collect()
}

#[test]
fn the_shop_answers_as_described() {
    let shop = Shop::start();
    let shopper = Account::shopper(&shop, EMAIL);
    let positive = |count| ["--phases", "fuzzing", "--mode", "positive", "--max-examples", count];
    let mut answers = call_everything(&shop, None, &positive("3"));
    let of_shopper = call_everything(&shop, Some(&shopper.token), &positive("12"));
    // Last, and with requests of every form: an operator can take from the shopper what the others need.
    let of_operator = call_everything(&shop, Some(&shop.operator().token), &[]);
    for (operation, statuses) in of_shopper.into_iter().chain(of_operator) {
        answers.entry(operation).or_default().extend(statuses);
    }

    let document: Value = serde_json::from_str(&openapi::render()).unwrap();
    let missed: Vec<_> = labels(&document).into_iter().filter(|label| !answers.contains_key(label)).collect();
    assert!(missed.is_empty(), "these were not called: {missed:#?}");
    let missing = missing_apps();
    let never =
        answers.iter().filter(|(label, statuses)| !statuses.contains(&200) && !missing.contains(label));
    let never: Vec<_> = never.collect();
    assert!(never.is_empty(), "these never succeeded, so that no answer was compared: {never:#?}");
}
