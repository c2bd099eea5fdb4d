//! A shop whose services are processes of their own.

use crate::support::{Account, Process, Shop, client::find_variant, eventually};

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
