//! Which crate stands on which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{root, rust_files};

/// Crates of the workspace by folder, and the folders of those they may stand on. `services/*` is any service.
const MAY_STAND_ON: &[(&str, &[&str])] = &[
    ("proto/json", &[]),
    ("proto", &["proto/json"]),
    ("proto/derive", &["proto/json", "proto"]),
    ("mesh/net", &[]),
    ("mesh", &["mesh/net", "proto"]),
    ("edge", &["mesh/net", "proto/json"]),
    ("services/kit", &["mesh", "proto"]),
    ("services/platform", &["services/kit", "mesh", "proto", "proto/derive"]),
    ("services/*", &["services/kit", "mesh", "proto"]),
    ("tools", &["services/kit", "mesh", "proto"]),
];

/// The root and what nothing stands on may use everything.
const ON_TOP: &[&str] = &["", "bench"];

/// What meets contracts as anybody's, in its tests too.
const KNOWS_NO_CONTRACT: &[&str] = &["proto/json", "edge"];

/// Folders without crates: what is built and installed, and the sample of a service, which is one only in a copy of the tree.
const NO_CRATES: &[&str] = &["target", "node_modules", "tests"];

/// Names and folders of all crates.
fn crates() -> BTreeMap<String, PathBuf> {
    let mut crates = BTreeMap::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && !NO_CRATES.contains(&name.as_str()) {
                folders.push(path);
            } else if name == "Cargo.toml" {
                let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
                let name = manifest["package"]["name"].as_str().unwrap().to_owned();
                crates.insert(name, folder.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    assert!(crates.len() >= 12, "the walk finds the crates");
    crates
}

/// Names of the dependencies of the crate in `folder`, but for those of its tests.
fn dependencies(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let tables = ["dependencies", "build-dependencies"].into_iter().filter_map(|table| manifest.get(table));
    tables.filter_map(toml::Value::as_table).flat_map(|table| table.keys().cloned()).collect()
}

fn allowed(folder: &str) -> &'static [&'static str] {
    let is = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => folder.starts_with(prefix),
        None => folder == pattern,
    };
    let row = MAY_STAND_ON.iter().find(|(pattern, _)| is(pattern));
    row.unwrap_or_else(|| panic!("{folder}: say in MAY_STAND_ON what it may stand on")).1
}

#[test]
fn crates_stand_on_what_they_may() {
    let crates = crates();
    for folder in crates.values() {
        let here = folder.to_str().unwrap();
        if ON_TOP.contains(&here) {
            continue;
        }
        for dependency in dependencies(folder) {
            let Some(other) = crates.get(&dependency) else { continue };
            assert!(
                allowed(here).contains(&other.to_str().unwrap()),
                "{here} stands on {}, which MAY_STAND_ON does not allow",
                other.display()
            );
        }
    }
}

#[test]
fn what_knows_no_contract_names_none() {
    for folder in KNOWS_NO_CONTRACT.iter().map(|folder| root().join(folder)) {
        let mut files = rust_files(&folder);
        files.push(folder.join("Cargo.toml"));
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for name in ["shopmesh-proto", "shopmesh_proto", "shopmesh-derive", "shopmesh_derive"] {
                assert!(!text.contains(name), "{}: names {name}", file.display());
            }
        }
    }
}
