//! Enumerations as the integers that rows hold.

use super::{DbError, Row, Value};

/// A closed set of values, each with the integer that stands for it in rows; made by [`coded!`](crate::coded).
pub trait Coded: Sized {
    /// The integer of a value.
    fn code(&self) -> i64;

    /// The value of an integer.
    fn of_code(code: i64) -> Option<Self>;
}

impl<T: Coded> From<&T> for Value {
    fn from(value: &T) -> Self {
        Self::Int(Some(value.code()))
    }
}

impl Row {
    /// One of a closed set of values.
    ///
    /// # Errors
    /// As [`Row::int`], and for a number that this version does not know.
    pub fn coded<T: Coded>(&self, column: &str) -> Result<T, DbError> {
        let code = self.int(column)?;
        let problem = || format!("{code} is not a value that this version knows");
        T::of_code(code).ok_or_else(|| DbError::Column { column: column.to_owned(), problem: problem() })
    }
}

/// Gives each variant of an enumeration the integer that stands for it in rows: that of the contract's enumeration, where
/// there is one. They are never given anew: `coded!(CartState { Active = 1, CheckingOut = 2 });`
#[macro_export]
macro_rules! coded {
    ($type:ty { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl $crate::db::Coded for $type {
            fn code(&self) -> i64 {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            fn of_code(code: i64) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{sql, testing::temp_db};

    #[derive(Debug, PartialEq)]
    enum State {
        Open,
        Closed,
    }

    coded!(State { Open = 1, Closed = 7 });

    #[tokio::test]
    async fn rows_hold_integers_and_an_unknown_one_is_told() {
        let (db, _folder) = temp_db().await;
        for (value, read) in [
            (Value::from(&State::Open), Some(State::Open)),
            (7.into(), Some(State::Closed)),
            (2.into(), None),
        ] {
            let row = sql("SELECT $1 AS state").bind(value).one(&db).await.unwrap();
            match row.coded::<State>("state") {
                Ok(state) => assert_eq!(Some(state), read),
                Err(error) => assert!(read.is_none() && error.to_string().contains("state"), "{error}"),
            }
        }
    }
}
