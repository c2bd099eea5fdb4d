//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod deliveries;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn both_engines_have_the_same_tables() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let read = |engine: &str, name: &str| fs::read_to_string(folder.join(engine).join(name)).unwrap();
        let mut compared = 0;
        for file in fs::read_dir(folder.join("sqlite")).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert_eq!(read("sqlite", &name).replace("BLOB", "BYTEA"), read("postgres", &name), "{name}");
            compared += 1;
        }
        assert_eq!(fs::read_dir(folder.join("postgres")).unwrap().count(), compared);
    }
}
