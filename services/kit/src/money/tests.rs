//! Properties of money: nothing is lost, nothing overflows silently.

use proptest::prelude::*;

use super::*;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn any_currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "JPY", "KWD", "CLF", "EUR", "ISK"])
        .prop_map(|code| Currency::parse(code).unwrap())
}

proptest! {
    #[test]
    fn proto_round_trip(minor: i64, currency in any_currency()) {
        let money = Money::new(minor, currency);
        prop_assert_eq!(Money::from_proto("price", &money.to_proto()).unwrap(), money);
    }

    #[test]
    fn a_sum_is_shown_as_its_parts_would_be(minor: i64, times in 1_i64..90, currency in any_currency()) {
        let sum = i128::from(minor) * i128::from(times);
        let shown = Money::sum_to_proto(sum, currency);
        match minor.checked_mul(times) {
            Some(minor) => prop_assert_eq!(shown, Some(Money::new(minor, currency).to_proto())),
            None => prop_assert_eq!(shown.is_some(), i64::try_from(sum / i128::from(currency.minor_per_unit())).is_ok()),
        }
    }

    #[test]
    fn allocation_keeps_every_minor_unit(minor: i64, weights in prop::collection::vec(any::<u64>(), 1..12)) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let parts = usd(minor).allocate(&weights).unwrap();
        let sum: i128 = parts.iter().map(|part| i128::from(part.minor)).sum();
        prop_assert_eq!(sum, i128::from(minor));
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let fair = u128::from(minor.unsigned_abs()) * u128::from(*weight) / total;
            let got = u128::from(part.minor.unsigned_abs());
            prop_assert!(got == fair || got == fair + 1);
            prop_assert!(part.minor.signum() * minor.signum() >= 0);
        }
    }

    #[test]
    fn any_proto_is_answered_without_panic(units: i64, nanos: i32, code in "[A-Z]{3}|.*") {
        let _ = Money::from_proto("price", &google::r#type::Money { currency_code: code, units, nanos });
    }

    #[test]
    fn addition_is_exact_or_refused(a: i64, b: i64) {
        match a.checked_add(b) {
            Some(sum) => prop_assert_eq!(usd(a).checked_add(usd(b)).unwrap(), usd(sum)),
            None => prop_assert!(usd(a).checked_add(usd(b)).is_err()),
        }
    }
}

#[test]
fn wrong_amounts_are_refused() {
    let wrong = |code: &str, units, nanos| {
        let value = google::r#type::Money { currency_code: code.into(), units, nanos };
        Money::from_proto("price", &value).unwrap_err().to_string()
    };
    assert!(wrong("USD", 1, 5_000_000).contains("price.nanos"), "half a cent");
    assert!(wrong("JPY", 1, 500_000_000).contains("price.nanos"), "half a yen");
    assert!(wrong("USD", 1, -10_000_000).contains("sign"));
    assert!(wrong("USD", 0, 1_000_000_000).contains("price.nanos"));
    assert!(wrong("USD", i64::MAX, 0).contains("price.units"));
    assert!(wrong("usd", 1, 0).contains("price.currency_code"));
    assert!(wrong("ZZZ", 1, 0).contains("price.currency_code"));
}

#[test]
fn currencies_do_not_mix() {
    assert!(usd(1).checked_add(Money::new(1, Currency::parse("EUR").unwrap())).is_err());
    assert!(usd(1).allocate(&[0, 0]).is_err());
    assert!(usd(i64::MAX).checked_mul(2).is_err());
}

#[test]
fn prints_with_the_currencys_decimals() {
    assert_eq!(usd(-1205).to_string(), "-12.05 USD");
    assert_eq!(Money::new(500, Currency::parse("JPY").unwrap()).to_string(), "500 JPY");
    assert_eq!(Money::new(1, Currency::parse("BHD").unwrap()).to_string(), "0.001 BHD");
}
