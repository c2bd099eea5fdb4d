//! Money as rows hold it: minor units in one column, the currency's code in another.

use super::{Currency, Money};
use crate::db::{DbError, Row};

impl Row {
    /// A currency by its code, [`Currency::NONE`] among them.
    ///
    /// # Errors
    /// As [`Row::text`], and for a code that this version does not know.
    pub fn currency(&self, column: &str) -> Result<Currency, DbError> {
        let code = self.text(column)?;
        if code == Currency::NONE.code() {
            return Ok(Currency::NONE);
        }
        let problem = format!("{code} is not a currency that this version knows");
        Currency::parse(&code).map_err(|_| DbError::Column { column: column.to_owned(), problem })
    }

    /// The minor units in `amount` of the currency in `currency`.
    ///
    /// # Errors
    /// As [`Row::int`] and [`Row::currency`].
    pub fn money(&self, amount: &str, currency: &str) -> Result<Money, DbError> {
        Ok(Money::new(self.int(amount)?, self.currency(currency)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{sql, testing::temp_db};

    #[tokio::test]
    async fn rows_hold_known_currencies_and_none() {
        let (db, _folder) = temp_db().await;
        for (code, read) in [
            ("KWD", Some(Money::new(-7, Currency::parse("KWD").unwrap()))),
            ("XXX", Some(Money::new(-7, Currency::NONE))),
            ("XYZ", None),
        ] {
            let row = sql("SELECT -7 AS minor, $1 AS code").bind(code).one(&db).await.unwrap();
            match row.money("minor", "code") {
                Ok(money) => assert_eq!(Some(money), read),
                Err(error) => assert!(read.is_none() && error.to_string().contains("XYZ"), "{error}"),
            }
        }
        assert!(Currency::parse("XXX").is_err(), "nobody can ask for it");
    }
}
