//! Crates of others: from where, under which licenses, and which never.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use super::root;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// SPDX ids. Of a choice, one is enough.
const LICENSES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "CC0-1.0",
    // The roots of Mozilla's list.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Crates that never come in, and what there is in their place.
const NEVER: &[(&str, &str)] = &[
    ("openssl-sys", "rustls everywhere"),
    ("native-tls", "rustls everywhere"),
    ("aws-lc-rs", "ring is the one crypto provider"),
];

/// Crates whose types or state cross crates: a second version is a second world.
const ONCE: &[&str] =
    &["h2", "http", "hyper", "libsqlite3-sys", "prost", "ring", "rustls", "tokio", "tonic", "tracing"];

/// What is compiled on this machine, tests and build scripts included, as `Cargo.lock` fixes it.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = ["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform"];
    let output = Command::new(cargo).current_dir(root()).args(arguments).arg(platform).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 200, "cargo lists the crates");
    packages
}

/// Whether a license expression (SPDX, annex D; `/` is an old way to write OR) can be met.
fn is_met(expression: &str) -> bool {
    let expression = expression.trim();
    if let Some(choices) = split(expression, " OR ") {
        return choices.iter().any(|choice| is_met(choice));
    }
    if let Some(parts) = split(expression, " AND ") {
        return parts.iter().all(|part| is_met(part));
    }
    match expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => is_met(inner),
        None => LICENSES.contains(&expression),
    }
}

/// The parts of an expression between operators that are in no parentheses, if there are several.
fn split<'a>(expression: &'a str, operator: &str) -> Option<Vec<&'a str>> {
    let is_outside = |at: usize| {
        let before = &expression[..at];
        before.matches('(').count() == before.matches(')').count()
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in expression.match_indices(operator).filter(|(at, _)| is_outside(*at)) {
        parts.push(&expression[start..at]);
        start = at + operator.len();
    }
    parts.push(&expression[start..]);
    (parts.len() > 1).then_some(parts)
}

#[test]
fn license_expressions_are_read() {
    for met in
        ["MIT", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND ISC", "MIT AND (ISC)", "ISC AND MIT OR GPL-3.0"]
    {
        assert!(is_met(met), "{met}");
    }
    for not in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "GPL-3.0 OR (MIT AND GPL-2.0)"]
    {
        assert!(!is_met(not), "{not}");
    }
}

#[test]
fn crates_of_others_are_free_known_and_needed_once() {
    let packages = packages();
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages.iter().filter(|package| !package["source"].is_null()) {
        let (name, license) = (text(package, "name"), text(package, "license"));
        assert_eq!(text(package, "source"), CRATES_IO, "{name}");
        assert!(is_met(&license.replace(" / ", " OR ").replace('/', " OR ")), "{name} is under `{license}`");
        versions.entry(name).or_default().push(text(package, "version"));
    }
    for (name, instead) in NEVER {
        assert!(!versions.contains_key(*name), "{name} came in: {instead}");
    }
    for name in ONCE {
        assert_eq!(versions.get(*name).map(Vec::len), Some(1), "{name}: {:?}", versions.get(*name));
    }
}

#[test]
fn requirements_name_a_version() {
    for package in packages().iter().filter(|package| package["source"].is_null()) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_ours = dependency["path"].is_string();
            assert!(is_ours || dependency["req"] != "*", "{}: {}", package["name"], dependency["name"]);
        }
    }
}
