//! Mail by SMTP, to a real server.

use std::{fs, path::Path, process::Command};

use crate::support::{Account, Process, Shop, client::find_variant, eventually, shop::free_offset};

/// A mail server that keeps what it gets in a Maildir.
fn mail_server(folder: &Path, port: u16) -> Process {
    let maildir = folder.join("maildir");
    let mut command = Command::new("aiosmtpd");
    command.args(["--nosetuid", "--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--class", "aiosmtpd.handlers.Mailbox"]).arg(maildir);
    Process::spawn(&mut command, &folder.join("smtp.log"))
}

fn received(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("maildir/new")).into_iter().flatten();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn mails_wait_for_the_mail_server_and_arrive_once() {
    let folder = tempfile::tempdir().unwrap();
    let port = 8080 + free_offset();
    let config = folder.path().join("shop.toml");
    let smtp = format!(
        "[notifications.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nfrom = \"shop@example.com\"\ntls = \"none\"\n"
    );
    fs::write(&config, smtp).unwrap();
    let shop = Shop::start_with(&["--rate-limit", "off", "--config", &config.display().to_string()]);

    // The server is not there yet.
    let shopper = Account::shopper(&shop, "ada@example.com");
    let order = shopper.buys(&find_variant(&shop, "assam"));
    let deliveries = format!("/v1/deliveries?subjectResource={}", order["name"].as_str().unwrap());
    let delivery = || shopper.get(&deliveries).ok()["deliveries"][0].clone();
    eventually("a failed attempt", || delivery()["attempts"].as_i64().filter(|attempts| *attempts > 0));

    let _server = mail_server(folder.path(), port);
    eventually("the delivery is SENT", || (delivery()["state"] == "DELIVERY_STATE_SENT").then_some(()));
    let number = order["number"].as_str().unwrap();
    let mails = received(folder.path());
    let about_the_order: Vec<_> = mails.iter().filter(|mail| mail.contains(number)).collect();
    assert_eq!(about_the_order.len(), 1, "{mails:?}");
    assert!(about_the_order[0].contains("To: ") && about_the_order[0].contains("ada@example.com"));
    assert!(shop.mails().is_empty(), "the folder is for shops without a mail server");
}
