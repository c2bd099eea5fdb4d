//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod counted;
pub mod locations;
pub mod movements;
pub mod reservations;
pub mod stock;
pub mod variants;
pub mod verification;

use shopmesh_kit::error::Error;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// Rows a multi-row statement holds: enough to save round trips, few enough for every engine's limit on parameters.
const ROWS_PER_STATEMENT: usize = 200;

/// `$first,$first+1,...` for `count` values.
fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|at| format!("${at}")).collect();
    names.join(",")
}

/// `($first,..),(..)` for `rows` rows of `width` values.
fn row_placeholders(first: usize, rows: usize, width: usize) -> String {
    let row = |at: usize| format!("({})", placeholders(first + at * width, width));
    let rows: Vec<String> = (0..rows).map(row).collect();
    rows.join(",")
}

/// A stored value that this version cannot read.
fn unreadable(what: &str, value: i64) -> Error {
    Error::internal(anyhow::anyhow!("{what} {value} in the database is not one this version knows"))
}

/// A row changed between reading it and writing it; only engines with several writers see this.
fn changed_meanwhile(what: &str) -> Error {
    Error::aborted("STOCK_CHANGED", format!("{what} changed at the same time; try again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_get_the_same_tables() {
        let postgres = sqlx::migrate!("migrations/postgres");
        assert_eq!(MIGRATOR.iter().count(), postgres.iter().count());
        for (sqlite, postgres) in MIGRATOR.iter().zip(postgres.iter()) {
            assert_eq!((sqlite.version, &sqlite.sql), (postgres.version, &postgres.sql));
        }
    }

    #[test]
    fn placeholders_count_on() {
        assert_eq!(placeholders(3, 2), "$3,$4");
        assert_eq!(row_placeholders(2, 2, 2), "($2,$3),($4,$5)");
    }
}
