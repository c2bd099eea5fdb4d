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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_get_the_same_tables() {
        let statements = |sql: &str| {
            let lines = sql.lines().filter(|line| !line.starts_with("--"));
            lines.map(|line| line.replace(" COLLATE \"C\"", "")).collect::<Vec<_>>().join("\n")
        };
        let postgres = sqlx::migrate!("migrations/postgres");
        assert_eq!(MIGRATIONS.iter().count(), postgres.iter().count());
        for (sqlite, postgres) in MIGRATIONS.iter().zip(postgres.iter()) {
            assert_eq!(sqlite.version, postgres.version);
            assert_eq!(statements(sqlite.sql.as_str()), statements(postgres.sql.as_str()));
        }
    }

    #[test]
    fn placeholders_count_on() {
        assert_eq!(placeholders(3, 2), "$3,$4");
        assert_eq!(row_placeholders(2, 3), "($1,$2,$3),($4,$5,$6)");
    }
}
