//! A shop on three machines, as far as the network goes: each with its own addresses, files and certificates, and without
//! the authority's key. Needs root and `ip netns`.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Command,
};

use shopmesh_derive::edge_yaml::{EdgeYamlParams, render};

use crate::support::{
    Account, Process, Shop,
    client::find_variant,
    eventually,
    namespace::{Machine, Network},
};

const NEAR: &[&str] = &["identity", "catalog", "inventory", "platform"];
const FAR: &[&str] = &["orders", "payments", "notifications"];

/// What is copied to one machine: the data of its services, and their certificates with the root.
fn move_to(machine: &Path, shop: &Shop, services: &[&str]) -> PathBuf {
    let (data, pki) = (machine.join("data"), machine.join("pki"));
    fs::create_dir_all(data.join("services")).unwrap();
    fs::create_dir_all(&pki).unwrap();
    fs::copy(shop.data.join("shopmesh.txt"), data.join("shopmesh.txt")).unwrap();
    for service in services {
        let to = data.join("services").join(service);
        fs::rename(shop.data.join("services").join(service), to).unwrap();
        for end in ["crt", "key"] {
            let file = format!("{service}.{end}");
            fs::copy(shop.pki(&file), pki.join(&file)).unwrap();
        }
    }
    fs::copy(shop.pki("ca.crt"), pki.join("ca.crt")).unwrap();
    data
}

/// Runs services on a machine; `listen` is where probes are answered.
fn serve(machine: &Machine, folder: &Path, services: &[&str], more: &[&str]) -> Process {
    let data = folder.join("data").display().to_string();
    let pki = folder.join("pki").display().to_string();
    let admin = format!("{}:9300", machine.address);
    let mut arguments = vec!["serve"];
    arguments.extend(services);
    arguments.extend([
        "--data",
        &data,
        "--listen",
        "0.0.0.0",
        "--peers",
        "{service}.shop:{port}",
        "--log",
        "info",
    ]);
    if !more.contains(&"--certificate") {
        arguments.extend(["--pki", &pki]);
    }
    if !more.contains(&"--admin-listen") {
        arguments.extend(["--admin-listen", &admin]);
    }
    arguments.extend(more);
    let mut process = machine.shopmesh(&arguments, &folder.join(format!("{}.log", services[0])));
    process.wait_for("the services are up", |process| process.log().contains("ctrl-C").then_some(()));
    process
}

/// The edge stays with the test: it reaches both machines.
fn edge(shop: &Shop, near: &Machine, far: &Machine) -> Process {
    let place = |service: &str, port: u16| {
        let machine = if NEAR.contains(&service) { near } else { far };
        (service.to_owned(), vec![SocketAddr::from((machine.address, port))])
    };
    let services: BTreeMap<_, _> =
        shopmesh_mesh::ServiceName::ALL.map(|service| place(service.as_str(), service.default_port())).into();
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, shop.port(port)));
    let yaml = render(&EdgeYamlParams {
        listen: loopback(8080),
        admin: loopback(9901),
        services,
        trust_domain: "shopmesh.local".to_owned(),
        certificate: shop.pki("edge-main.crt").into(),
        private_key: shop.pki("edge-main.key").into(),
        roots: shop.pki("ca.crt").into(),
        descriptors: shop.data.join("edge/descriptors.binpb"),
        rate_limit: false,
    });
    fs::write(shop.edge_yaml(), yaml).unwrap();
    let yaml = shop.edge_yaml().display().to_string();
    let mut edge = Process::shopmesh(&["edge", "--config", &yaml], &shop.data.with_extension("edge.log"));
    edge.wait_for("the edge is up", |edge| edge.log().contains("listening").then_some(()));
    edge
}

/// Each service's name, known to both machines as DNS would know it.
fn hosts(near: &Machine, far: &Machine, payments: Ipv4Addr) -> String {
    let line = |service: &&str, address: Ipv4Addr| format!("{address} {service}.shop\n");
    let near = NEAR.iter().map(|service| line(service, near.address));
    let far =
        FAR.iter().map(|service| line(service, if *service == "payments" { payments } else { far.address }));
    near.chain(far).collect()
}

fn files_below(folder: &Path) -> String {
    let found = Command::new("find").arg(folder).output().unwrap();
    String::from_utf8(found.stdout).unwrap()
}

#[test]
fn a_shop_on_several_machines_sells_and_takes_new_certificates() {
    let Some(network) = Network::open() else { return };
    let (near, far) = (network.machine(1), network.machine(2));
    let mut shop = Shop::start();
    shop.interrupt();
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("near"), folder.path().join("far"));
    move_to(&here, &shop, NEAR);
    let data = move_to(&there, &shop, FAR);
    for machine in [&here, &there] {
        assert!(!files_below(machine).contains("ca.key"), "no machine can mint identities");
    }

    // At first nobody is where payments is said to be.
    let nowhere = Ipv4Addr::new(127, 0, 0, 9);
    network.knows(&hosts(&near, &far, nowhere));
    let _near = serve(&near, &here, NEAR, &[]);
    let own = |end: &str| there.join(format!("pki/orders.{end}")).display().to_string();
    let (cert, key, roots) = (own("crt"), own("key"), there.join("pki/ca.crt").display().to_string());
    let admin = format!("{}:9301", far.address);
    let files =
        ["--certificate", &cert, "--private-key", &key, "--trust-bundle", &roots, "--admin-listen", &admin];
    let orders = serve(&far, &there, &["orders"], &files);
    let _others = serve(&far, &there, &["payments", "notifications"], &[]);
    let _edge = edge(&shop, &near, &far);

    // A probe comes from outside.
    for port in [9300, 9301] {
        let health = format!("http://{}:{port}/health", far.address);
        assert_eq!(ureq::get(&health).call().unwrap().status(), 200);
    }
    let shopper = Account::shopper(&shop, "ada@example.com");
    let variant = find_variant(&shop, "assam");
    // Payments moved, and DNS tells: nobody restarts.
    network.knows(&hosts(&near, &far, far.address));
    assert_eq!(shopper.buys(&variant)["state"], "ORDER_STATE_PLACED");
    eventually("the mail on the other machine", || {
        let mails = fs::read_dir(data.join("services/notifications/mail")).ok()?;
        mails
            .flatten()
            .any(|mail| fs::read_to_string(mail.path()).unwrap_or_default().contains("ada@"))
            .then_some(())
    });

    let renewed = folder.path().join("renewed");
    let (data, out) = (shop.data.display().to_string(), renewed.display().to_string());
    let id = "spiffe://shopmesh.local/svc/orders";
    let issued = Command::new(env!("CARGO_BIN_EXE_shopmesh"))
        .args(["pki", "issue", id, "--data", &data, "--out", &out])
        .output()
        .unwrap();
    assert!(issued.status.success(), "{issued:?}");
    fs::copy(renewed.join("orders.crt"), &cert).unwrap();
    eventually("half a pair is told", || orders.log().contains("cannot be used").then_some(()));
    assert_eq!(shopper.buys(&variant)["state"], "ORDER_STATE_PLACED");
    fs::copy(renewed.join("orders.key"), &key).unwrap();
    eventually("the new pair is taken", || orders.log().contains("new certificate").then_some(()));
    assert_eq!(shopper.buys(&variant)["state"], "ORDER_STATE_PLACED");
}
