//! A shop whose services are processes of their own.

mod namespaces;

use std::time::Duration;

use serde_json::json;

use crate::support::{Account, Process, Shop, client::find_variant, eventually, within};

#[test]
fn services_in_processes_of_their_own_sell_as_well() {
    let mut shop = Shop::start();
    shop.interrupt();
    let (data, offset) = (shop.data.display().to_string(), shop.offset.to_string());
    let serve = |services: &[&str]| {
        let arguments = [&["serve"], services, &["--data", &data, "--port-offset", &offset]].concat();
        let log = shop.data.with_extension(format!("{}.log", services[0]));
        let mut process = Process::shopmesh(&arguments, &log);
        process.wait_for("the services are up", |process| process.log().contains("ctrl-C").then_some(()));
        process
    };
    let _rest = serve(&["identity", "catalog", "inventory", "platform"]);
    let _payments = serve(&["payments"]);
    let mut orders = serve(&["orders"]);
    let _notifications = serve(&["notifications"]);
    let yaml = shop.data.join("edge/edge.yaml").display().to_string();
    let mut edge = Process::shopmesh(&["edge", "--config", &yaml], &shop.data.with_extension("edge.log"));
    edge.wait_for("the edge is up", |edge| edge.log().contains("listening").then_some(()));

    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    let order = shopper.buys(&variant);
    assert_eq!(order["state"], "ORDER_STATE_PLACED");
    let number = order["number"].as_str().unwrap();
    eventually("the mail, from an event of another process", || {
        shop.mails().into_iter().find(|mail| mail.contains(number))
    });

    // Each process tells of itself.
    let metrics = format!("http://127.0.0.1:{}/metrics", shop.port(9204));
    let metrics = ureq::get(&metrics).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(metrics.contains("grpc_server") && metrics.contains("StartCheckout"), "{metrics}");
    assert!(!metrics.contains("ListPayments"), "{metrics}");

    // While orders is away, what needs it is UNAVAILABLE and the rest goes on; then it is found again.
    assert!(orders.interrupt().success(), "{}", orders.log());
    shopper.get("/v1/carts").refused(503, 14);
    find_variant(&shop, "assam");
    eventually("the status tells", || {
        (shopper.get("/api/status").ok()["state"] == "SYSTEM_STATE_DEGRADED").then_some(())
    });
    let _orders = serve(&["orders"]);
    eventually("orders is found again", || (shopper.get("/v1/carts").status == 200).then_some(()));
    assert_eq!(shopper.buys(&variant)["state"], "ORDER_STATE_PLACED");
}

#[test]
fn a_session_that_ended_is_refused_in_every_process_and_after_each_restart() {
    let mut shop = Shop::start();
    shop.interrupt();
    let (data, offset) = (shop.data.display().to_string(), shop.offset.to_string());
    let serve = |services: &[&str]| {
        let arguments = [&["serve"], services, &["--data", &data, "--port-offset", &offset]].concat();
        let log = shop.data.with_extension(format!("{}.log", services[0]));
        let mut process = Process::shopmesh(&arguments, &log);
        process.wait_for("the services are up", |process| process.log().contains("ctrl-C").then_some(()));
        process
    };
    let mut identity = serve(&["identity"]);
    let mut orders = serve(&["orders"]);
    let _notifications = serve(&["notifications"]);
    let yaml = shop.data.join("edge/edge.yaml").display().to_string();
    let mut edge = Process::shopmesh(&["edge", "--config", &yaml], &shop.data.with_extension("edge.log"));
    edge.wait_for("the edge is up", |edge| edge.log().contains("listening").then_some(()));

    let carts = |of: &Account| of.get("/v1/carts").status;
    let sign_out = |of: &Account| {
        of.post("/v1/sessions:signOut", &json!({"refreshToken": of.refresh_token})).ok();
        let taken = || (carts(of), of.get("/v1/deliveries").status) != (401, 401);
        within(Duration::from_secs(2), "its token is taken no more", || (!taken()).then_some(()));
    };
    let [first, second, third] = [1, 2, 3].map(|n| Account::shopper(&shop, &format!("ada{n}@example.com")));
    assert_eq!((carts(&first), carts(&second), carts(&third)), (200, 200, 200));
    sign_out(&first);

    // A process that starts afterward knows it before its first call.
    assert!(orders.interrupt().success(), "{}", orders.log());
    let mut orders = serve(&["orders"]);
    let found = |of: &Account| Some(carts(of)).filter(|status| *status != 503);
    assert_eq!(eventually("orders is found again", || found(&first)), 401);
    assert_eq!(carts(&second), 200);

    // While identity is away, what is known stays; when it is back it is heard again.
    assert!(identity.interrupt().success(), "{}", identity.log());
    assert_eq!((carts(&first), carts(&second)), (401, 200));
    let _identity = serve(&["identity"]);
    eventually("identity is found again", || (second.get("/v1/users/me").status == 200).then_some(()));
    sign_out(&second);
    assert_eq!((carts(&first), carts(&third)), (401, 200));
    assert!(orders.interrupt().success(), "{}", orders.log());
}
