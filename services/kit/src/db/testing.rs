//! A database in a temporary folder.

use tempfile::TempDir;

use super::{Db, Migrator};

pub(crate) static NO_MIGRATIONS: Migrator = Migrator::DEFAULT;

/// A fresh database; the folder lives as long as the guard.
pub(crate) async fn temp_db() -> (Db, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Db::open(&folder.path().join("t e#s?t.db"), &NO_MIGRATIONS).await.unwrap(), folder)
}
