//! Money as the client counts it, in cents, and as the shop writes it.

use serde_json::{Value, json};
use shopmesh_kit::money::Money;
use shopmesh_proto::google::r#type as proto;

use crate::complete_journey::usd;

/// Cents of an amount in USD; `None` of another currency, and of what is no whole number of cents.
pub fn cents(amount: &proto::Money) -> Option<i64> {
    let money = Money::from_proto("amount", amount).ok()?;
    (money.currency == usd()).then_some(money.minor)
}

/// As [`cents`], of an amount in JSON.
pub fn cents_of_json(amount: &Value) -> Option<i64> {
    // What is zero may be left out.
    let units = amount.get("units").map_or(Some(0), |units| units.as_str()?.parse().ok())?;
    let nanos = amount.get("nanos").map_or(Some(0), |nanos| nanos.as_i64()?.try_into().ok())?;
    cents(&proto::Money { currency_code: amount["currencyCode"].as_str()?.to_owned(), units, nanos })
}

/// Cents in JSON.
pub fn json_of_cents(cents: i64) -> Value {
    let proto::Money { currency_code, units, nanos } = Money::new(cents, usd()).to_proto();
    json!({"currencyCode": currency_code, "units": units.to_string(), "nanos": nanos})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_its_cents() {
        for amount in [0, 1, 99, 100, 123_456] {
            assert_eq!(cents_of_json(&json_of_cents(amount)), Some(amount));
        }
        assert_eq!(cents_of_json(&json!({"currencyCode": "USD", "nanos": 990_000_000})), Some(99));
    }

    #[test]
    fn what_is_no_cents_is_none() {
        for amount in [
            json!({"currencyCode": "EUR", "units": "1"}),
            json!({"currencyCode": "USD", "units": "2", "nanos": 5_000_000}),
            json!({"currencyCode": "USD", "units": 2}),
            json!({"units": "2"}),
            Value::Null,
        ] {
            assert_eq!(cents_of_json(&amount), None, "{amount}");
        }
    }
}
