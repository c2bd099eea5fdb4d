//! Active currencies of ISO 4217 with their exponents. Funds codes, metals and test codes are left out.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::error::Error;

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: &'static str,
    exponent: u8,
}

impl Currency {
    /// `XXX`, where no currency is involved: what a row holds that has an amount for form's sake. Nobody can ask for it.
    pub const NONE: Self = Self { code: "XXX", exponent: 0 };

    /// The currency of a three-letter upper-case code.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `currency_code` when there is no such active currency.
    pub fn parse(code: &str) -> Result<Self, Error> {
        Self::parse_field("currency_code", code)
    }

    /// As [`Currency::parse`], naming `field` in the error.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `field`.
    pub fn parse_field(field: &str, code: &str) -> Result<Self, Error> {
        let tables = [(TWO, 2), (ZERO, 0), (THREE, 3), (FOUR, 4)];
        let found = tables.iter().find_map(|(codes, exponent)| {
            codes.binary_search(&code).ok().map(|index| Currency { code: codes[index], exponent: *exponent })
        });
        found.ok_or_else(|| {
            Error::invalid(field, "must be an active ISO 4217 code in upper case, such as USD")
        })
    }

    /// Three-letter code.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Number of decimals of a minor unit.
    pub fn exponent(self) -> u8 {
        self.exponent
    }

    /// Minor units in one unit: 100 for USD.
    pub fn minor_per_unit(self) -> i64 {
        10_i64.pow(u32::from(self.exponent))
    }
}

/// As its code.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(|error| D::Error::custom(error.message()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// Currencies without minor units, sorted.
const ZERO: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];

/// Currencies with two decimals, sorted.
#[rustfmt::skip]
const TWO: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD", "BND", "BOB", "BRL",
    "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP",
    "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL",
    "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR",
    "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN",
    "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB",
    "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB",
    "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG",
    "YER", "ZAR", "ZMW", "ZWG",
];

/// Currencies with three decimals, sorted.
const THREE: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Units of account with four decimals, sorted.
const FOUR: &[&str] = &["CLF", "UYW"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_disjoint() {
        let mut all: Vec<&str> = Vec::new();
        for table in [ZERO, TWO, THREE, FOUR] {
            assert!(table.is_sorted());
            all.extend(table);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn exponents() {
        let exponent = |code| Currency::parse(code).unwrap().exponent();
        assert_eq!((exponent("JPY"), exponent("USD"), exponent("KWD"), exponent("CLF")), (0, 2, 3, 4));
    }
}
