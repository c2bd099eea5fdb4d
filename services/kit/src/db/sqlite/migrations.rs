//! Runs migrations on a connection. The bookkeeping table has the form of sqlx's own runner, which serves PostgreSQL.

use std::{collections::BTreeMap, time::Instant};

use rusqlite::{Connection, TransactionBehavior, params};
use sqlx::{SqlSafeStr, migrate::Migration};

use crate::db::{DbError, Migrator};

/// Applies what `migrator` has and `table` does not list, each in a transaction of its own.
///
/// # Errors
/// [`DbError::Migration`] when one fails, was changed after it had run, or is not known to this release.
pub(super) fn run(connection: &mut Connection, migrator: &Migrator, table: &str) -> Result<(), DbError> {
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {table} (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)"
    ))?;
    let mut applied = applied(connection, table)?;
    for migration in migrator.iter().filter(|migration| !migration.migration_type.is_down_migration()) {
        match applied.remove(&migration.version) {
            Some(checksum) if checksum == *migration.checksum => {}
            Some(_) => return Err(problem(migration, "it was changed after it had run")),
            None => apply(connection, migration, table).map_err(|error| problem(migration, error))?,
        }
    }
    match applied.first_key_value() {
        Some((version, _)) => Err(DbError::Migration(format!(
            "{version} has run, but is not known here: a newer release has used this database"
        ))),
        None => Ok(()),
    }
}

/// Checksums by version.
fn applied(connection: &Connection, table: &str) -> rusqlite::Result<BTreeMap<i64, Vec<u8>>> {
    let mut statement = connection.prepare(&format!("SELECT version, checksum FROM {table}"))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn apply(connection: &mut Connection, migration: &Migration, table: &str) -> rusqlite::Result<()> {
    let started = Instant::now();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql.clone().into_sql_str().as_str())?;
    transaction.execute(
        &format!(
            "INSERT INTO {table} (version, description, success, checksum, execution_time) \
             VALUES (?1, ?2, 1, ?3, ?4)"
        ),
        params![
            migration.version,
            &*migration.description,
            &*migration.checksum,
            i64::try_from(started.elapsed().as_nanos()).unwrap_or(i64::MAX)
        ],
    )?;
    transaction.commit()
}

fn problem(migration: &Migration, problem: impl std::fmt::Display) -> DbError {
    DbError::Migration(format!("{} ({}): {problem}", migration.version, migration.description))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::migrate::MigrationType;

    use super::*;

    fn migrator(texts: &[(i64, &'static str)]) -> Migrator {
        let migrations = texts.iter().map(|(version, text)| {
            Migration::new(*version, "test".into(), MigrationType::Simple, text.into_sql_str(), false)
        });
        Migrator { migrations: Cow::Owned(migrations.collect()), ..Migrator::DEFAULT }
    }

    const FIRST: (i64, &str) = (1, "CREATE TABLE a (id BIGINT); INSERT INTO a VALUES (1)");
    const SECOND: (i64, &str) = (2, "INSERT INTO a VALUES (2)");

    fn rows(connection: &Connection) -> i64 {
        connection.query_row("SELECT COUNT(*) FROM a", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn each_runs_once_and_later_ones_follow() {
        let mut connection = Connection::open_in_memory().unwrap();
        for expected in [1, 1] {
            run(&mut connection, &migrator(&[FIRST]), "done").unwrap();
            assert_eq!(rows(&connection), expected);
        }
        run(&mut connection, &migrator(&[FIRST, SECOND]), "done").unwrap();
        assert_eq!(rows(&connection), 2);
    }

    #[test]
    fn a_changed_and_an_unknown_one_are_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &migrator(&[FIRST, SECOND]), "done").unwrap();
        let changed = migrator(&[FIRST, (2, "INSERT INTO a VALUES (3)")]);
        let error = run(&mut connection, &changed, "done").unwrap_err().to_string();
        assert!(error.contains("2 (test)") && error.contains("changed"), "{error}");
        let error = run(&mut connection, &migrator(&[FIRST]), "done").unwrap_err().to_string();
        assert!(error.contains("newer release"), "{error}");
    }

    #[test]
    fn a_failing_one_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = migrator(&[FIRST, (2, "INSERT INTO a VALUES (2); INSERT INTO nowhere VALUES (1)")]);
        assert!(matches!(run(&mut connection, &broken, "done"), Err(DbError::Migration(_))));
        assert_eq!(rows(&connection), 1);
        run(&mut connection, &migrator(&[FIRST, SECOND]), "done").unwrap();
        assert_eq!(rows(&connection), 2);
    }
}
