//! What lies on the disk: whose it is, and what a shop says when some of it is gone or damaged, or when there is no room.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{FileExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Account, Shop,
    client::{find_variant, send},
    eventually,
    process::Process,
    shop::free_offset,
};

/// Longest time a refused start takes.
const REFUSAL: Duration = Duration::from_secs(60);

/// Everything below a folder, and itself.
fn tree(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    if path.is_dir() {
        found.extend(fs::read_dir(path).unwrap().flat_map(|entry| tree(&entry.unwrap().path())));
    }
    found
}

#[test]
fn nobody_else_reads_a_shops_files() {
    let mut shop = Shop::start();
    let ada = Account::shopper(&shop, "ada@example.com");
    ada.buys(&find_variant(&shop, "honey"));
    let open_to_others = |shop: &Shop| -> Vec<PathBuf> {
        let all = tree(&shop.data).into_iter();
        all.filter(|path| fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0))
            .collect()
    };
    assert_eq!(open_to_others(&shop), Vec::<PathBuf>::new());

    // As an older release left it.
    assert!(shop.interrupt().success());
    for path in tree(&shop.data) {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    shop.restart();
    assert_eq!(open_to_others(&shop), Vec::<PathBuf>::new());
}

/// What a start on the shop's data says, which does not succeed.
fn refused_start(shop: &Shop) -> String {
    let log = shop.data.with_extension("refused.log");
    let (data, offset) = (shop.data.display().to_string(), shop.offset.to_string());
    let mut start = Process::shopmesh(&["up", "--data", &data, "--port-offset", &offset], &log);
    assert!(!start.ended(REFUSAL).success(), "{}", start.log());
    let said = start.log();
    fs::remove_file(log).unwrap();
    said
}

#[test]
fn what_is_missing_is_named_and_nothing_takes_its_place() {
    let mut shop = Shop::start();
    let ada = Account::shopper(&shop, "ada@example.com");
    ada.buys(&find_variant(&shop, "honey"));
    eventually("the mail of the order", || (shop.mails().len() >= 2).then_some(()));
    assert!(shop.interrupt().success());

    for lost in [
        "services/orders/orders.master.key",
        "services/identity/identity.master.key",
        "services/payments/ledger.key",
        "services/orders/orders.db",
        "services/inventory/inventory.db",
    ] {
        let (path, aside) = (shop.data.join(lost), shop.data.with_extension("aside"));
        fs::rename(&path, &aside).unwrap();
        let said = refused_start(&shop);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(name) && said.contains("restore"), "{lost}: {said}");
        let _ = fs::remove_file(&path);
        fs::rename(&aside, &path).unwrap();
    }

    // A whole folder: its neighbors know that there was something.
    let (folder, aside) = (shop.data.join("services/orders"), shop.data.with_extension("aside"));
    fs::rename(&folder, &aside).unwrap();
    let said = refused_start(&shop);
    assert!(said.contains("restore the database of orders"), "{said}");
    fs::remove_dir_all(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();

    shop.restart();
    let ada = Account::sign_in(&shop, "ada@example.com", "a long password");
    ada.buys(&find_variant(&shop, "honey"));
}

/// Products that take a hundred pages of the database each; their paths.
fn large_products(operator: &Account) -> Vec<String> {
    let product = |number: usize| {
        let variant =
            |variant: usize| json!({"sku": format!("{number}-{variant}"), "title": "x".repeat(200)});
        let variants: Vec<_> = (0..1000).map(variant).collect();
        let product = json!({"title": format!("Large {number}"), "variants": variants});
        format!("/v1/{}", operator.post("/v1/products", &product).ok()["name"].as_str().unwrap())
    };
    (0..8).map(product).collect()
}

#[test]
fn damage_that_shows_while_running_is_told_and_stays_where_it_is() {
    let mut shop = Shop::start();
    let products = large_products(&shop.operator());
    assert!(shop.interrupt().success());
    let database = shop.data.join("services/catalog/catalog.db");
    let backup = shop.data.with_extension("backup");
    fs::copy(&database, &backup).unwrap();
    shop.restart();
    let operator = shop.operator();
    assert_eq!(status(shop.offset)["state"], "SYSTEM_STATE_OPERATIONAL");

    let file = File::options().write(true).open(&database).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    assert!(pages > 400, "{pages}");
    for page in pages / 4..pages * 3 / 4 {
        file.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
    let refusals = || products.iter().map(|path| operator.get(path)).filter(|answer| answer.status != 200);
    let refused: Vec<_> = refusals().collect();
    assert!(!refused.is_empty());
    for answer in refused {
        // DATA_LOSS.
        let status = answer.refused(500, 15);
        assert_eq!(status["details"][0]["reason"], "STORAGE_DAMAGED", "{status}");
    }
    let damaged = eventually("the status tells", || {
        Some(status(shop.offset)).filter(|now| now["state"] == "SYSTEM_STATE_DEGRADED")
    });
    for service in damaged["services"].as_array().unwrap() {
        let is_catalog = service["service"] == "catalog";
        let state = if is_catalog { "SERVING_STATE_DEGRADED" } else { "SERVING_STATE_SERVING" };
        assert_eq!(service["state"], state, "{service}");
        let problem = service["problem"].as_str().unwrap();
        assert_eq!(problem.contains("restore it from a backup"), is_catalog, "{service}");
    }
    Account::shopper(&shop, "ada@example.com");
    let orders = send("GET", &format!("{}/v1/orders", shop.url()), Some(&operator.token), None);
    orders.unwrap().ok();

    shop.kill();
    let said = refused_start(&shop);
    assert!(said.contains("catalog.db") && said.contains("restore it from a backup"), "{said}");
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(database.with_extension(format!("db{suffix}")));
    }
    fs::rename(&backup, &database).unwrap();
    shop.restart();
    products.iter().for_each(|path| drop(shop.operator().get(path).ok()));
    assert_eq!(status(shop.offset)["state"], "SYSTEM_STATE_OPERATIONAL");
}

/// A small disk of its own, which only this test and the shop on it see.
struct SmallDisk {
    holder: Process,
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mount = "mount -t tmpfs -o size=96m tmpfs \"$0\" && echo mounted && exec sleep 600";
        // As root; others get a user namespace in which they are.
        let mut command = Command::new("unshare");
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).unwrap();
        command.args(["--mount", "sh", "-c", mount]).arg(&disk);
        let mut holder = Process::spawn(&mut command, &folder.path().join("holder.log"));
        holder.wait_for("the disk", |holder| holder.log().contains("mounted").then_some(()));
        Self { holder, folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("disk/shop")
    }

    /// The same folder, as it is seen from here.
    fn seen(&self) -> PathBuf {
        let path = self.folder.path().join("disk");
        Path::new("/proc")
            .join(self.holder.id().to_string())
            .join("root")
            .join(path.strip_prefix("/").unwrap())
    }

    /// Leaves no room for anything.
    fn fill(&self) {
        let mut file = File::create(self.seen().join("fill")).unwrap();
        for size in [1 << 20, 4096, 1] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.seen().join("fill")).unwrap();
    }

    fn start(&self, offset: u16) -> Process {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(env!("CARGO_BIN_EXE_shopmesh")).arg("up").arg("--data").arg(self.data());
        command.args(["--rate-limit", "off", "--port-offset", &offset.to_string()]);
        let mut shop = Process::spawn(&mut command, &self.folder.path().join("shop.log"));
        let ready = format!("http://127.0.0.1:{}/ready", 9901 + offset);
        shop.wait_for("the shop is ready", |_| ureq::get(&ready).call().ok().map(drop));
        shop
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn status(offset: u16) -> Value {
    let mut answer = ureq::get(format!("http://127.0.0.1:{}/api/status", 8080 + offset)).call().unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

fn sign_up(offset: u16, email: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let body = format!(r#"{{"email": "{email}", "password": "a long password"}}"#);
    let request = agent.post(format!("http://127.0.0.1:{}/v1/users:signUp", 8080 + offset));
    let mut answer = request.header("content-type", "application/json").send(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_full_disk_is_unavailable_and_heals() {
    let (disk, offset) = (SmallDisk::new(), free_offset());
    let mut shop = disk.start(offset);
    assert_eq!(sign_up(offset, "ada@example.com").0, 200);
    assert_eq!(status(offset)["state"], "SYSTEM_STATE_OPERATIONAL");

    disk.fill();
    let refused = eventually("writes are refused", || {
        static NEXT: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(sign_up(offset, &format!("bob{number}@example.com"))).filter(|(status, _)| *status != 200)
    });
    assert!(refused.0 == 503 && refused.1.contains("STORAGE_FULL"), "{refused:?}");
    let full = eventually("the status tells", || {
        Some(status(offset)).filter(|now| now["state"] != "SYSTEM_STATE_OPERATIONAL")
    });
    let services = full["services"].as_array().unwrap();
    let identity = services.iter().find(|service| service["service"] == "identity").unwrap();
    assert_eq!(identity["state"], "SERVING_STATE_DEGRADED");
    assert!(identity["problem"].as_str().unwrap().contains("disk is full"), "{identity}");
    let products = format!("http://127.0.0.1:{}/v1/products", 8080 + offset);
    assert_eq!(ureq::get(products).call().unwrap().status(), 200, "reads go on");

    // A start that has nothing to write does not fail for want of room.
    assert!(shop.interrupt().success(), "{}", shop.log());
    let _shop = disk.start(offset);
    disk.make_room();
    eventually("all is well again", || (status(offset)["state"] == "SYSTEM_STATE_OPERATIONAL").then_some(()));
    assert_eq!(sign_up(offset, "eve@example.com").0, 200);
}
