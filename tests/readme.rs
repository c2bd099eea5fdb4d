//! What the README ("Try it") and the panel tell people to type is typed.

use std::{fs, process::Command, time::Duration};

use crate::support::{Process, Shop, client::find_variant, eventually};

/// Bash reports the first command that fails, also inside `$(...)` and pipes.
const STRICT: &str = "set -euo pipefail; shopt -s inherit_errexit\n";

/// The `sh` blocks under a heading, for this shop instead of the default one.
fn commands(shop: &Shop, heading: &str) -> Vec<String> {
    let readme = include_str!("../README.md");
    let section = readme.split(&format!("## {heading}\n")).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.map(|block| for_this(shop, block)).collect()
}

fn for_this(shop: &Shop, text: &str) -> String {
    let mut text = text.replace(".shopmesh", &shop.data.display().to_string());
    for port in [8080, 9105] {
        for host in ["127.0.0.1", "localhost"] {
            text = text.replace(&format!("{host}:{port}"), &format!("{host}:{}", shop.port(port)));
        }
    }
    text
}

/// Far more than a script takes. It only bounds one that hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs a script; what it printed. `curl` also succeeds on a refusal, which a `google.rpc.Status` shows.
fn run(script: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("{STRICT}{script}")]);
    let mut bash = Process::spawn(&mut bash, &folder.path().join("bash.log"));
    let status = bash.ended(LIMIT);
    let text = bash.log();
    assert!(status.success() && !text.contains("\"code\":"), "{script}\n{text}");
    text
}

/// A shop whose search finds what the commands look for.
fn searchable() -> Shop {
    let shop = Shop::start();
    find_variant(&shop, "earl%20grey");
    shop
}

#[test]
fn the_walk_of_the_readme() {
    let shop = searchable();
    let blocks = commands(&shop, "Try it");
    assert_eq!(blocks.len(), 3, "starting the shop, a purchase, grpcurl");
    assert_eq!(blocks[0], "cargo run --release\n");
    let purchase = run(&blocks[1]);
    for part in ["Earl Grey", "CHECKOUT_STATE_PLACED", "ORDER_STATE_PLACED"] {
        assert!(purchase.contains(part), "{part}:\n{purchase}");
    }
    // Where the walk ends by looking, a little later.
    let mails = shop.data.join("services/notifications/mail");
    eventually("the order mail", || {
        let names =
            fs::read_dir(&mails).unwrap().map(|mail| mail.unwrap().file_name().into_string().unwrap());
        let mut to_ada = names.filter(|name| name.contains("-ada-example-com-"));
        to_ada.any(|name| name.ends_with("-order-placed.eml")).then_some(())
    });
    let grpcurl = run(&blocks[2]);
    for part in ["shopmesh.orders.v1.CheckoutService", "Earl Grey", "\"balanced\": true"] {
        assert!(grpcurl.contains(part), "{part}:\n{grpcurl}");
    }
}

#[test]
fn the_lines_of_the_panel() {
    let shop = searchable();
    let panel = shop.log();
    let lines = panel.split("try next\n").nth(1).unwrap().split("    open ").next().unwrap();
    let printed = run(lines);
    for part in ["Earl Grey", "shopmesh.orders.v1.CheckoutService", "\"balanced\": true"] {
        assert!(printed.contains(part), "{part}:\n{printed}");
    }
}
