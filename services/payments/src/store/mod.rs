//! Rows of this service, and nothing else: what they mean is decided in `domain`.

pub mod ledger;
pub mod mac;
pub mod payments;
pub mod refunds;
pub mod trial_balance;

use shopmesh_kit::{
    db::Migrator,
    error::{Error, Result},
    money::Currency,
};

/// The tables of this service.
pub static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// A closed set of values, each with the integer that stands for it in a row.
type Codes<T> = &'static [(i64, T)];

fn code<T: PartialEq>(codes: Codes<T>, value: &T) -> i64 {
    let found = codes.iter().find(|(_, known)| known == value);
    found.map(|(code, _)| *code).expect("a code table names every value")
}

fn value<T: Copy>(codes: Codes<T>, code: i64) -> Result<T> {
    let found = codes.iter().find(|(known, _)| *known == code);
    found.map(|(_, value)| *value).ok_or_else(|| damaged(format!("the unknown code {code}")))
}

fn currency(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(|_| damaged(format!("the unknown currency {code}")))
}

fn damaged(what: String) -> Error {
    Error::internal(anyhow::anyhow!("a row holds {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_get_the_same_tables() {
        let words = |sql: &str| sql.replace("BLOB", "BYTEA").split_whitespace().map(str::to_owned).collect();
        let postgres = sqlx::migrate!("migrations/postgres");
        assert_eq!(MIGRATOR.iter().count(), postgres.iter().count());
        for (sqlite, postgres) in MIGRATOR.iter().zip(postgres.iter()) {
            let (ours, theirs): (Vec<String>, Vec<String>) =
                (words(sqlite.sql.as_str()), words(postgres.sql.as_str()));
            assert_eq!((sqlite.version, ours), (postgres.version, theirs));
        }
    }
}
