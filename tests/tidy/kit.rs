//! One door to the kit's own tables, so that an engine which speaks no SQL has one place to change.

use std::{collections::BTreeSet, fs};

use super::{root, rust_files, services::is_test, sources};

const DOOR: &str = "services/kit/src/db/tables";

/// Tables that the kit's migrations make, and the one that its migrations are noted in.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::from(["kit_migrations".to_owned()]);
    for file in fs::read_dir(root().join("services/kit/migrations/sqlite")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let names =
            text.split("CREATE TABLE ").skip(1).map(|made| made.split(' ').next().unwrap().to_owned());
        tables.extend(names);
    }
    assert!(tables.len() >= 8, "{tables:?}");
    tables
}

#[test]
fn only_the_door_names_the_kits_tables() {
    let (tables, door) = (tables(), root().join(DOOR));
    let named = rust_files(&door).iter().map(|file| fs::read_to_string(file).unwrap()).collect::<String>();
    for table in &tables {
        assert!(named.contains(table), "{DOOR} has no place for {table}");
    }
    for file in sources().iter().filter(|file| !file.starts_with(&door) && !is_test(file)) {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for table in &tables {
            assert!(!code.contains(table.as_str()), "{}: {table} belongs in {DOOR}", file.display());
        }
    }
}
