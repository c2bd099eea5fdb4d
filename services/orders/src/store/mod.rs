//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod buyers;
pub mod carts;
pub mod checkouts;
mod codes;
pub mod operations;
pub mod orders;

use serde::{Serialize, de::DeserializeOwned};
use shopmesh_kit::error::{Error, Result};

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

fn to_json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    fn migrations(engine: &str) -> BTreeMap<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files
            .map(|file| {
                (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(file).unwrap())
            })
            .collect()
    }

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn both_engines_have_the_same_tables() {
        let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
        assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
        for (name, text) in &sqlite {
            assert_eq!(words(&text.replace("BLOB", "BYTEA")), words(&postgres[name]), "{name}");
        }
    }
}
