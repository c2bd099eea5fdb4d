//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod addresses;
pub mod attempts;
pub mod keys;
pub mod revocations;
pub mod roles;
pub mod sessions;
pub mod users;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

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
