//! The house rules that a reader relies on: small files, one direction of dependency.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Rust files of the workspace.
fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = ["src", "proto", "mesh", "edge", "services", "tests", "bench"]
        .map(|folder| root().join(folder))
        .to_vec();
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
    assert!(files.len() > 100, "the walk finds the workspace");
    files
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
fn domain_code_does_no_io() {
    for file in sources().iter().filter(|file| file.components().any(|part| part.as_os_str() == "domain")) {
        let text = fs::read_to_string(file).unwrap();
        for forbidden in
            ["async fn", ".await", "sqlx", "tokio::", "std::fs", "SystemTime::now", "shopmesh_mesh::client"]
        {
            assert!(!text.contains(forbidden), "{}: `{forbidden}` in domain code", file.display());
        }
    }
}

#[test]
fn no_service_depends_on_another() {
    let services = ["identity", "catalog", "inventory", "orders", "payments", "notifications", "platform"];
    for service in services {
        let manifest = fs::read_to_string(root().join("services").join(service).join("Cargo.toml")).unwrap();
        for other in services.iter().filter(|other| **other != service) {
            assert!(!manifest.contains(&format!("shopmesh-{other}")), "{service} depends on {other}");
        }
    }
    for (lower, upper) in [
        ("proto", "shopmesh-mesh"),
        ("proto", "shopmesh-kit"),
        ("mesh", "shopmesh-kit"),
        ("edge", "shopmesh-kit"),
    ] {
        let manifest = fs::read_to_string(root().join(lower).join("Cargo.toml")).unwrap();
        assert!(!manifest.contains(upper), "{lower} depends on {upper}");
    }
}

#[test]
fn scripts_name_files_that_are_there() {
    let scripts =
        ["tests/run", "tests/clients/setup", ".ci/run", "bench/checkout", "bench/edge", "bench/footprint"];
    let folders = [".ci", "bench", "edge", "mesh", "proto", "services", "src", "tests"];
    let made_by_them = ["node_modules", "tests/clients/gen", "bench/results"];
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

#[test]
fn migrations_of_both_engines_have_the_same_numbers() {
    let mut compared = 0;
    for service in fs::read_dir(root().join("services")).unwrap() {
        let migrations = service.unwrap().path().join("migrations");
        let names = |engine: &str| {
            let mut names: Vec<_> = fs::read_dir(migrations.join(engine))
                .into_iter()
                .flatten()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("sqlite"), names("postgres"), "{}", migrations.display());
        compared += names("sqlite").len();
    }
    assert!(compared >= 6);
}
