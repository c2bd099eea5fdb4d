//! One skeleton for every service, and one direction between its rooms (CONTRIBUTING.md, "A service").

use std::{collections::BTreeSet, fs, path::Path};

use super::{root, rust_files, services};

/// The rooms of a service, and what each may know of the others. `lib` knows all.
const ROOMS: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("ids", &[]),
    ("error", &["ids"]),
    ("domain", &["ids", "error"]),
    ("store", &["domain", "ids", "error"]),
    ("translate", &["domain", "ids", "error"]),
    ("usecases", &["store", "translate", "domain", "ids", "error"]),
    ("peers", &["translate", "domain", "ids", "error"]),
    ("app", &["config", "peers", "store", "domain", "ids"]),
    ("events", &["usecases", "store", "translate", "domain", "ids", "error"]),
    ("workflows", &["app", "config", "usecases", "peers", "store", "translate", "domain", "ids", "error"]),
    (
        "grpc",
        &["app", "config", "workflows", "usecases", "peers", "store", "translate", "domain", "ids", "error"],
    ),
];

/// Rooms that one service has besides: what they may know, and who may know them.
const OWN_ROOMS: &[(&str, &str, &[&str], &[&str])] = &[
    ("catalog", "search", &["domain", "ids"], &["app", "translate", "workflows", "grpc"]),
    ("identity", "passwords", &["domain"], &["app", "grpc"]),
    ("identity", "tokens", &["usecases", "store", "translate", "domain", "ids"], &["app", "grpc"]),
    // Payment providers: who moves the money.
    ("payments", "provider", &["domain"], &["app", "workflows"]),
    // How a message looks, and how it leaves.
    ("notifications", "mail", &["config", "domain"], &["app", "workflows"]),
    // What messages say.
    ("notifications", "templates", &["domain"], &["grpc", "workflows"]),
    // Files that browsers load.
    ("platform", "assets", &[], &["app", "grpc"]),
];

/// What domain code never does: it decides, without waiting and without looking around.
const NOT_IN_DOMAIN: &[&str] = &[
    "async fn",
    ".await",
    "sqlx",
    "tokio::",
    "std::fs",
    "SystemTime::now",
    "shopmesh_mesh::client",
    "shopmesh_proto::",
];

/// The room of a file: the first part of its path below `src/`, without `.rs`.
fn room(src: &Path, file: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

pub(super) fn is_test(file: &Path) -> bool {
    file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

/// The rooms that code names, but for its tests: `root` is how it names the crate.
fn named_rooms(text: &str, root: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut rooms = BTreeSet::new();
    for after in code.split(root).skip(1) {
        match after.strip_prefix('{') {
            None => rooms.extend([first_word(after)]),
            Some(list) => rooms.extend(items(list).iter().map(|item| first_word(item))),
        }
    }
    rooms
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What stands between the commas of a list `a::b, c::{d, e}}`, without its inner lists.
fn items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// The rooms that a file names, itself included.
fn named_by(src: &Path, file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let mut rooms = named_rooms(&text, "crate::");
    let is_top = file.parent() == Some(src) || file.ends_with(format!("{}/mod.rs", room(src, file)));
    if is_top {
        rooms.extend(named_rooms(&text, "super::"));
    }
    rooms
}

#[test]
fn lists_of_rooms_are_read() {
    let text = "use crate::{\n    app::App,\n    domain::{a, b::{c, d}},\n    ids::X,\n};\ncrate::store::y(z); \
                #[cfg(test)] use crate::grpc;";
    assert_eq!(Vec::from_iter(named_rooms(text, "crate::")), ["app", "domain", "ids", "store"]);
}

#[test]
fn services_have_one_skeleton() {
    for service in &services() {
        let src = root().join("services").join(service).join("src");
        let own: Vec<_> = OWN_ROOMS.iter().filter(|(owner, ..)| owner == service).collect();
        for wanted in ["lib.rs", "config.rs", "app.rs", "grpc/mod.rs", "translate/mod.rs"] {
            assert!(src.join(wanted).exists(), "{service}: {wanted} is missing");
        }
        for file in rust_files(&src).iter().filter(|file| !is_test(file)) {
            let here = room(&src, file);
            if here == "lib" {
                continue;
            }
            let general = ROOMS.iter().find(|(room, _)| *room == here).map(|(_, known)| *known);
            let special = own.iter().find(|(_, room, ..)| *room == here).map(|(_, _, known, _)| *known);
            let known =
                general.or(special).unwrap_or_else(|| panic!("{service}: no service has a room `{here}`"));
            for named in named_by(&src, file) {
                let is_shown = own
                    .iter()
                    .any(|(_, room, _, knowing)| *room == named && knowing.contains(&here.as_str()));
                assert!(
                    named == here || known.contains(&named.as_str()) || is_shown,
                    "{}: `{here}` knows nothing of `{named}`",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn domain_code_does_no_io() {
    for service in services() {
        let domain = root().join("services").join(&service).join("src/domain");
        for file in rust_files(&domain) {
            let text = fs::read_to_string(&file).unwrap();
            for forbidden in NOT_IN_DOMAIN {
                assert!(!text.contains(forbidden), "{}: `{forbidden}` in domain code", file.display());
            }
        }
    }
}
