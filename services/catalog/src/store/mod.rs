//! Rows of the catalogue. Nothing else knows a column.

pub mod attributes;
pub mod categories;
pub mod channels;
pub mod document;
pub mod products;
pub mod rules;

use shopmesh_kit::error::Error;

/// The catalogue's tables.
pub static MIGRATIONS: shopmesh_kit::db::Migrator = sqlx::migrate!("migrations/sqlite");

/// Rows a multi-row statement holds: enough to save round trips, few enough for every engine's limit on parameters.
const ROWS_PER_STATEMENT: usize = 100;

/// `$first, $first+1, ...` for `count` values.
fn placeholders(first: usize, count: usize) -> String {
    let mut list = String::with_capacity(count * 5);
    for at in first..first + count {
        if at > first {
            list.push(',');
        }
        list.push('$');
        list.push_str(&at.to_string());
    }
    list
}

/// `($1,..,$w),($w+1,..)` for `rows` rows of `width` values.
fn row_placeholders(rows: usize, width: usize) -> String {
    let rows: Vec<String> =
        (0..rows).map(|row| format!("({})", placeholders(row * width + 1, width))).collect();
    rows.join(",")
}

/// A stored value that this version cannot read.
fn unreadable(what: &str, value: &str) -> Error {
    Error::internal(anyhow::anyhow!("{what} `{value}` in the database is not one this version knows"))
}
