//! A file beside the database that names it: a database that was removed or exchanged is told from a new one.

use std::{fs, io::ErrorKind, path::Path};

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    db::{DbError, tables::facts},
    ids,
};

const FACT: &str = "database";

/// Checks that the database is the one that was here before; a new one gets its name.
///
/// # Errors
/// [`DbError::Open`] when the file names another database: the one it names is lost.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), DbError> {
    let file = path.with_extension("id");
    let own = connection.query_row(facts::GET, [FACT], |row| row.get::<_, Vec<u8>>(0)).optional()?;
    let named = match fs::read(&file) {
        Ok(named) => Some(named),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(super::failed(&file, error)),
    };
    match (own, named) {
        (Some(own), Some(named)) if own == named => Ok(()),
        (_, Some(_)) => Err(super::failed(
            path,
            format!(
                "the database that was here is gone: restore it from the backup, or, to begin with an empty one, \
                 remove {} too",
                file.display()
            ),
        )),
        (Some(own), None) => write(&file, &own),
        (None, None) => {
            let own = format!("{}\n", ids::new_ulid()).into_bytes();
            // First here: a crash in between leaves a database whose file is still to be written.
            connection.execute(facts::SET, params![FACT, own])?;
            write(&file, &own)
        }
    }
}

/// Whole or not at all.
fn write(file: &Path, name: &[u8]) -> Result<(), DbError> {
    let draft = file.with_extension("id.new");
    let written = fs::write(&draft, name).and_then(|()| fs::File::open(&draft)?.sync_all());
    written.and_then(|()| fs::rename(&draft, file)).map_err(|error| super::failed(file, error))
}
