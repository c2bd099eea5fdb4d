//! Migrations of both engines.

use std::{collections::BTreeMap, fs, path::Path};

use super::{root, rust_files};

/// File names and texts, as words without comments and without what the engines spell each in its way.
fn migrations(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut migrations = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let statements = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        let text =
            statements.collect::<Vec<_>>().join("\n").replace("BLOB", "BYTEA").replace(" COLLATE \"C\"", "");
        let words = text.split_whitespace().map(str::to_owned).collect();
        migrations.insert(path.file_name().unwrap().to_string_lossy().into_owned(), words);
    }
    migrations
}

#[test]
fn both_engines_get_the_same_tables() {
    let mut compared = 0;
    for service in fs::read_dir(root().join("services")).unwrap() {
        let folder = service.unwrap().path().join("migrations");
        let (sqlite, postgres) = (migrations(&folder.join("sqlite")), migrations(&folder.join("postgres")));
        assert_eq!(
            sqlite.keys().collect::<Vec<_>>(),
            postgres.keys().collect::<Vec<_>>(),
            "{}",
            folder.display()
        );
        // The kit's own use what each engine has: sequences, triggers, upserts of its bookkeeping.
        if !folder.parent().unwrap().ends_with("kit") {
            assert_eq!(sqlite, postgres, "{}", folder.display());
        }
        let sources = rust_files(&folder.with_file_name("src"));
        let sources: String = sources.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        for name in sqlite.keys() {
            assert!(
                sources.contains(&format!("\"{name}\"")),
                "{}: `migrations!` lacks {name}",
                folder.display()
            );
        }
        compared += sqlite.len();
    }
    assert!(compared >= 6);
}
