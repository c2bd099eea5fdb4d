//! What the comparison tells.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{figure, refusals, replay, stock};
use crate::support::{Account, Shop, client::find_variant, eventually};

const CHECKS: usize = 16;

#[test]
fn a_replay_agrees_with_the_shop_and_a_second_one_buys_nothing() {
    let shop = Shop::start();
    stock(&shop, 300);
    let (agrees, report) = replay(&shop, 300, &[]);
    assert!(agrees, "{report}");
    assert_eq!(report.matches("  ok").count(), CHECKS, "{report}");
    let placed = figure(&report, "orders placed");
    assert!(placed > 200, "{report}");
    assert_eq!(figure(&report, "baskets "), 300, "{report}");
    for reason in ["STOCK", "PAYMENT_DECLINED"] {
        assert!(refusals(&report, reason) > 0, "the data has no {reason}:\n{report}");
    }
    assert!(report.contains("lines with a quantity of 0 or less"), "{report}");

    let (agrees, again) = replay(&shop, 300, &["--concurrency", "4"]);
    assert!(agrees, "{again}");
    assert_eq!((figure(&again, "orders placed"), figure(&again, "mails")), (0, placed), "{again}");
    let orders = shop.operator().list("/v1/orders", "orders").len();
    assert_eq!(i64::try_from(orders), Ok(placed));
    let mails = shop.mails().iter().filter(|mail| mail.contains("thank you for your order")).count();
    assert_eq!(i64::try_from(mails), Ok(placed));
}

#[test]
fn what_is_altered_behind_the_services_is_told() {
    let shop = Shop::start();
    stock(&shop, 60);
    let (agrees, report) = replay(&shop, 60, &[]);
    assert!(agrees, "{report}");
    let verify = || replay(&shop, 60, &["--verify-only"]);
    assert!(verify().0);

    let folder = shop.data.join("services");
    let (payments, inventory) = (folder.join("payments/payments.db"), folder.join("inventory/inventory.db"));
    for (database, row, told) in [
        (
            &payments,
            "ledger_entries SET amount = amount + {} WHERE sequence = 1 AND amount > 0",
            "ledger, captures",
        ),
        (
            &payments,
            "ledger_entries SET amount = amount - {} WHERE sequence = 1 AND amount < 0",
            "ledger, trial balance",
        ),
        (
            &inventory,
            "stock SET allocated = allocated + {} WHERE rowid = \
          (SELECT MIN(rowid) FROM stock WHERE on_hand > 5)",
            "units allocated",
        ),
        (
            &inventory,
            "stock SET on_hand = on_hand + {} WHERE rowid = \
          (SELECT MIN(rowid) FROM stock WHERE on_hand > 5)",
            "stock, differences",
        ),
    ] {
        alter(database, &row.replace("{}", "1"));
        let (agrees, report) = verify();
        assert!(!agrees && is_failed(&report, told), "{told} is not told:\n{report}");
        assert!(report.contains("error: client and shop do not agree:"), "{report}");
        alter(database, &row.replace("{}", "-1"));
        let (agrees, report) = verify();
        assert!(agrees, "{report}");
    }
}

/// Changes one row through a connection of its own, as somebody with the file could.
fn alter(database: &Path, update: &str) {
    let script = "import sqlite3, sys\n\
                  with sqlite3.connect(sys.argv[1], timeout=20) as db:\n\
                  \x20   assert db.execute('UPDATE ' + sys.argv[2]).rowcount == 1\n";
    let output = Command::new("python3").args(["-c", script]).arg(database).arg(update).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_failed(report: &str, check: &str) -> bool {
    report.lines().any(|line| line.starts_with(check) && line.ends_with("FAILED"))
}

#[test]
fn an_order_that_the_client_did_not_place_is_told() {
    let shop = Shop::start();
    stock(&shop, 20);
    assert!(replay(&shop, 20, &[]).0);
    // Somebody shops with the account of a household.
    let journal = std::fs::read_to_string(shop.data.join("replay/journal.jsonl")).unwrap();
    let household = journal.lines().find_map(|line| {
        let entry: Value = serde_json::from_str(line).unwrap();
        (entry["entry"] == "sign_up").then(|| entry["household"].as_i64().unwrap())
    });
    let email = format!("household-{}@complete-journey.example", household.unwrap());
    let account = Account::sign_in(&shop, &email, "a year of groceries");
    let order = account.buys(&find_variant(&shop, "sencha"));
    eventually("its mail", || {
        let deliveries =
            account.get(&format!("/v1/deliveries?subjectResource={}", order["name"].as_str()?)).ok();
        (deliveries["deliveries"][0]["state"] == "DELIVERY_STATE_SENT").then_some(())
    });
    let (agrees, report) = replay(&shop, 20, &["--verify-only"]);
    assert!(!agrees, "{report}");
    for check in ["orders ", "payments authorized", "units allocated", "mails"] {
        assert!(is_failed(&report, check), "{check}:\n{report}");
    }
    assert!(report.contains("was not told to its shopper"), "{report}");
}

#[test]
fn a_shop_that_limits_the_rate_stops_it_with_a_hint() {
    let shop = Shop::start_with(&[]);
    stock(&shop, 40);
    let (agrees, report) = replay(&shop, 40, &[]);
    assert!(!agrees && report.contains("--rate-limit off"), "{report}");
    assert!(!report.contains("orders placed"), "it stops at once:\n{report}");
}

#[test]
fn a_shop_without_the_grocer_or_without_a_journal_is_told() {
    let shop = Shop::start();
    let (agrees, report) = replay(&shop, 10, &["--verify-only"]);
    assert!(!agrees && report.contains("nothing was played yet"), "{report}");
    assert!(!shop.data.join("replay").exists(), "it writes nothing");
    let (agrees, report) = replay(&shop, 10, &[]);
    assert!(!agrees && report.contains("shopmesh import complete-journey"), "{report}");
}
