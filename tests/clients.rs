//! One purchase, every kind of client. The programs are in `tests/clients`; each prints what it saw as a JSON document, and every
//! document must be the same but for names and numbers.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};
use ureq::http::{Method, Request, Response};

use crate::support::{Account, Process, Shop, client::find_variant};

/// A client: what it is, and its command in `tests/clients`, which takes the URL of the shop and an e-mail address.
const CLIENTS: [(&str, &[&str]); 7] = [
    ("gRPC-Web, grpc-web, binary", &["node", "gen/build/grpc_web/buy.js", "binary"]),
    ("gRPC-Web, grpc-web, text", &["node", "gen/build/grpc_web/buy.js", "text"]),
    ("gRPC-Web, connect-web", &["node", "gen/build/connect/buy.js", "web"]),
    ("gRPC, connect-node", &["node", "gen/build/connect/buy.js", "node"]),
    ("gRPC, grpcio", &["python3", "python/buy.py"]),
    ("gRPC, grpcurl", &["python3", "grpcurl/buy.py"]),
    ("REST", &["python3", "rest/buy.py"]),
];

/// For a whole purchase, on a busy machine too. It only bounds a client that hangs.
const LIMIT: Duration = Duration::from_secs(90);

/// What a page in a browser may read of an answer, so that its client knows how the call went.
const EXPOSED: [&str; 3] = ["grpc-status", "grpc-message", "grpc-status-details-bin"];

#[test]
fn every_client_sees_the_same_purchase() {
    let folder = tempfile::tempdir().unwrap();
    // Its payment provider is slow, so that the clients see the checkout running.
    let config = programs().join("shop.toml").display().to_string();
    let shop = Shop::start_with(&["--rate-limit", "off", "--config", &config]);
    find_variant(&shop, "earl%20grey");

    let runs: Vec<_> = (0..CLIENTS.len()).map(|index| Run::start(&shop, folder.path(), index)).collect();
    let mut problems = Vec::new();
    let mut numbers = Vec::new();
    for run in runs {
        let client = run.client;
        let (email, seen) = run.facts();
        let expected = expected(&shop, &email);
        numbers.push(expected["number"].as_str().unwrap().parse::<u64>().unwrap());
        problems.extend(differences(&expected, &seen).into_iter().map(|what| format!("{client}: {what}")));
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));

    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "numbers have gaps: {numbers:?}");
}

/// A client at work.
struct Run {
    client: &'static str,
    email: String,
    process: Process,
}

impl Run {
    fn start(shop: &Shop, folder: &Path, index: usize) -> Self {
        let (client, command) = CLIENTS[index];
        let program = command[0];
        Command::new(program).arg("--version").output().unwrap_or_else(|error| {
            panic!("{client}: {program}: {error}. Clients need Node 20 with npm, and Python 3; run the tests by tests/run")
        });
        let email = format!("buyer{index}@example.com");
        let mut command = Command::new(program);
        command.args(&CLIENTS[index].1[1..]).arg(shop.url()).arg(&email).current_dir(programs());
        let process = Process::spawn(&mut command, &folder.join(format!("client{index}.log")));
        Self { client, email, process }
    }

    /// The e-mail address, and the document that the client wrote.
    fn facts(mut self) -> (String, Value) {
        let status = self.process.ended(LIMIT);
        let log = self.process.log();
        assert!(status.success(), "{}: {status}\n{log}", self.client);
        let facts = log.lines().last().unwrap_or_default();
        let facts = serde_json::from_str(facts)
            .unwrap_or_else(|error| panic!("{}: not one JSON document: {error}\n{log}", self.client));
        (self.email, facts)
    }
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// What each client must have seen. Names and numbers are those that the shop itself tells the shopper.
fn expected(shop: &Shop, email: &str) -> Value {
    let shopper = Account::sign_in(shop, email, "a long password");
    let orders = shopper.get("/v1/orders").ok();
    assert_eq!(orders["orders"].as_array().unwrap().len(), 1, "{email}: {orders}");
    let order = &orders["orders"][0];
    let total = json!({"currency": "USD", "units": 25, "nanos": 800_000_000});
    json!({
        "user": shopper.name,
        "found": {
            "title": "Earl Grey loose leaf",
            "price": {"currency": "USD", "units": 12, "nanos": 900_000_000},
        },
        "subtotal": total,
        "started": "CHECKOUT_STATE_PENDING",
        "watched": {"first": "CHECKOUT_STATE_PENDING", "last": "CHECKOUT_STATE_PLACED"},
        "order": order["name"],
        "number": order["number"],
        "state": "ORDER_STATE_PLACED",
        "payment": "PAYMENT_STATE_AUTHORISED",
        "total": total,
        "lines": 1,
        "quantity": 2,
        "recipient": "Test Person",
        "listed": [order["name"]],
        "refused": {
            "zero_units": {"code": 3, "reason": "INVALID_FIELD", "fields": ["lines[0].quantity"]},
            "strangers_look": {"code": 7, "reason": "RESOURCE_NOT_ALLOWED", "fields": []},
            // The edge's answer, which has no details, as Envoy's has none.
            "bad_token": {"code": 16, "reason": null, "fields": []},
            "signed_out": {"code": 16, "reason": "UNAUTHENTICATED", "fields": []},
        },
    })
}

/// The fields that differ, in words.
fn differences(expected: &Value, seen: &Value) -> Vec<String> {
    let (expected, seen) = (expected.as_object().unwrap(), seen.as_object().unwrap());
    let unknown = seen
        .keys()
        .filter(|field| !expected.contains_key(*field))
        .map(|field| format!("{field}: not asked for"));
    let wrong = expected.iter().filter_map(|(field, value)| match seen.get(field) {
        Some(seen) if seen == value => None,
        seen => Some(format!("{field}: expected {value}, saw {}", seen.unwrap_or(&Value::Null))),
    });
    wrong.chain(unknown).collect()
}

#[test]
fn a_page_of_another_origin_may_call_and_read_the_outcome() {
    let shop = Shop::start();
    let ask = |method: Method, headers: &[(&str, &str)]| {
        let url = format!("{}/shopmesh.orders.v1.OrderService/ListOrders", shop.url());
        let request = Request::builder().method(method).uri(url).header("origin", "http://localhost:5173");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        // An empty message in its frame: flags and length.
        ureq::run(request.body(&[0_u8; 5][..]).unwrap()).unwrap()
    };
    // What grpc-web and connect-web add to a call makes a browser ask first.
    let wanted = ["authorization", "content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"];
    let preflight = ask(
        Method::OPTIONS,
        &[("access-control-request-method", "POST"), ("access-control-request-headers", &wanted.join(","))],
    );
    assert_eq!(preflight.status(), 200);
    assert_eq!(list(&preflight, "access-control-allow-origin"), ["http://localhost:5173"]);
    let (methods, allowed) =
        (list(&preflight, "access-control-allow-methods"), list(&preflight, "access-control-allow-headers"));
    assert!(methods.contains(&"post".into()), "{methods:?}");
    assert!(wanted.iter().all(|header| allowed.contains(&(*header).into())), "{allowed:?}");

    // The call itself, refused for want of a token: the page can read why.
    let answer = ask(
        Method::POST,
        &[("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1"), ("x-user-agent", "grpc-web")],
    );
    assert_eq!(answer.status(), 200);
    assert_eq!(list(&answer, "access-control-allow-origin"), ["http://localhost:5173"]);
    assert_eq!(list(&answer, "grpc-status"), ["16"], "{answer:?}");
    let exposed = list(&answer, "access-control-expose-headers");
    assert!(EXPOSED.iter().all(|header| exposed.contains(&(*header).into())), "{exposed:?}");
}

/// The parts of a header, in lower case.
fn list(answer: &Response<ureq::Body>, header: &str) -> Vec<String> {
    let value = answer.headers().get(header).map_or("", |value| value.to_str().unwrap());
    value.split(',').map(|part| part.trim().to_lowercase()).collect()
}
