//! The house rules that a reader relies on: small files, one direction of dependency, one shape of service.

mod circles;
mod crates;
mod dependencies;
mod edge;
mod imports;
mod kit;
mod migrations;
mod module_graph;
mod services;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The tree that is looked at. cargo says which; `tests/sample/run` says another one.
fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
    });
    &ROOT
}

/// Rust files of the workspace.
fn sources() -> Vec<PathBuf> {
    let folders = ["src", "proto", "mesh", "edge", "services", "tests", "tools", "bench"];
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| rust_files(&root().join(folder))).collect();
    assert!(files.len() > 100, "the walk finds the workspace");
    files
}

/// Rust files below `folder`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Folders in `services/` that are one, by name.
fn services() -> Vec<String> {
    let folders = fs::read_dir(root().join("services")).unwrap();
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let services: Vec<String> = names.filter(|name| name != "kit").collect();
    assert!(services.len() >= 7, "the walk finds the services");
    services
}

#[test]
fn files_have_at_most_400_lines_and_a_header() {
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.lines().count() <= 400, "{}: split it by what it does", file.display());
        let is_test =
            file.file_name().is_some_and(|name| name == "tests.rs") || text.starts_with("use super::*;");
        assert!(
            is_test || text.starts_with("//!"),
            "{}: begin with `//!` and what it is for",
            file.display()
        );
    }
}

#[test]
fn scripts_name_files_that_are_there() {
    let scripts = [
        "tests/run",
        "tests/clients/setup",
        "tests/sample/run",
        ".ci/run",
        "bench/checkout",
        "bench/edge",
        "bench/footprint",
    ];
    let folders = [".ci", "bench", "edge", "mesh", "proto", "services", "src", "tests", "tools"];
    let made_by_them = ["node_modules", "tests/clients/gen", "bench/results", "services/sample"];
    let mut named = 0;
    for script in scripts {
        let text = fs::read_to_string(root().join(script)).unwrap();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-');
        for path in text.split(|c| !is_part(c)).map(|path| path.trim_end_matches(['.', '/'])) {
            let Some((folder, _)) = path.split_once('/') else { continue };
            if folders.contains(&folder) && !made_by_them.iter().any(|made| path.contains(made)) {
                assert!(root().join(path).exists(), "{script}: {path} is not in the tree");
                named += 1;
            }
        }
    }
    assert!(named > 10);
}
