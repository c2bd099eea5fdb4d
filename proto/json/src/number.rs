//! Numbers of JSON: their grammar (RFC 8259 section 6), exact integers and shortest decimals.

use std::{
    fmt::{Display, LowerExp},
    io::Write as _,
};

/// Longest number; an exact double needs fewer than 800 digits.
const MAX_LENGTH: usize = 1024;

/// How long the number at the start of `text` is; none if there is none, or one of absurd length.
pub fn length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    at += match (text.get(at), digits(at)) {
        (_, 0) => return None,
        (Some(b'0'), _) => 1,
        (_, whole) => whole,
    };
    if text.get(at) == Some(&b'.') {
        match digits(at + 1) {
            0 => return None,
            fraction => at += 1 + fraction,
        }
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        match digits(at + 1 + sign) {
            0 => return None,
            exponent => at += 1 + sign + exponent,
        }
    }
    (at <= MAX_LENGTH).then_some(at)
}

/// Whether all of `text` is one number.
pub fn is_number(text: &str) -> bool {
    length(text.as_bytes()) == Some(text.len())
}

/// The exact value of a number as [`length`] accepts it, if it is whole (`1e2` and `1.0` are) and below 10^20.
pub fn integer(text: &str) -> Option<i128> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(value.into());
    }
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value: i128 = 0;
    // Zeros behind the last other digit only move the exponent.
    let mut zeros: i64 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if digit == b'0' {
            zeros += i64::from(value != 0);
            continue;
        }
        let shift = u32::try_from(zeros + 1).ok().filter(|shift| *shift <= 20)?;
        value = value.checked_mul(10_i128.pow(shift))? + i128::from(digit - b'0');
        zeros = 0;
    }
    if value == 0 {
        return Some(0);
    }
    let exponent: i64 = exponent.parse().ok()?;
    let shift = exponent.checked_add(zeros)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let shift = u32::try_from(shift).ok().filter(|shift| *shift <= 20)?;
    let value = value.checked_mul(10_i128.pow(shift))?;
    Some(if negative { -value } else { value })
}

/// Writes a double as the shortest text that reads back as the same value; NaN and infinities as protobuf's words.
pub fn write_double(value: f64, out: &mut Vec<u8>) {
    if let Some(word) = word_for(value) {
        out.extend_from_slice(word);
        return;
    }
    match value.abs() {
        size if size != 0.0 && !(1e-5..1e17).contains(&size) => write_exponent(value, out),
        _ => plain(zmij::Buffer::new().format_finite(value), value, out),
    }
}

/// [`write_double`] for a float, whose shortest text is shorter.
pub fn write_float(value: f32, out: &mut Vec<u8>) {
    if let Some(word) = word_for(value.into()) {
        out.extend_from_slice(word);
        return;
    }
    match value.abs() {
        size if size != 0.0 && !(1e-5..1e9).contains(&size) => write_exponent(value, out),
        _ => plain(zmij::Buffer::new().format_finite(value), value, out),
    }
}

fn write_exponent(value: impl LowerExp, out: &mut Vec<u8>) {
    write!(out, "{value:e}").expect("a Vec takes all that is written");
}

/// Writes the shortest digits without the `.0` of a whole number; where `shortest` has an exponent already, without it.
fn plain(shortest: &str, value: impl Display, out: &mut Vec<u8>) {
    if shortest.contains('e') {
        write!(out, "{value}").expect("a Vec takes all that is written");
        return;
    }
    out.extend_from_slice(shortest.strip_suffix(".0").unwrap_or(shortest).as_bytes());
}

fn word_for(value: f64) -> Option<&'static [u8]> {
    match value {
        value if value.is_nan() => Some(b"\"NaN\""),
        f64::INFINITY => Some(b"\"Infinity\""),
        f64::NEG_INFINITY => Some(b"\"-Infinity\""),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn grammar() {
        for good in ["0", "-0", "10", "1.50", "1e9", "1E-09", "-1.0e+3"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "NaN", "0x1", " 1", "1 "] {
            assert!(!is_number(bad), "{bad}");
        }
        assert_eq!(length("1".repeat(MAX_LENGTH + 1).as_bytes()), None);
    }

    #[test]
    fn whole_numbers_are_exact() {
        let cases = [
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("18446744073709551615", Some(i128::from(u64::MAX))),
            ("1.8446744073709551615e19", Some(i128::from(u64::MAX))),
            ("-1.0", Some(-1)),
            ("100e-2", Some(1)),
            ("0e999999999999999999999", Some(0)),
            ("1.5", None),
            ("1e-1", None),
            ("1e999999999", None),
            ("1e9223372036854775808", None),
            ("0.000000000000000000000000001e27", Some(1)),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text), value, "{text}");
        }
    }

    /// A decimal without its digits. One that lies halfway between the two shortest ones, such as -2238920396082155.25, is printed as
    /// either; both read back.
    fn shape(decimal: &str) -> String {
        decimal.replace(|c: char| c.is_ascii_digit(), "0")
    }

    proptest! {
        #[test]
        fn doubles_read_back(value in any::<f64>()) {
            prop_assume!(value.is_finite());
            let mut out = Vec::new();
            write_double(value, &mut out);
            let text = std::str::from_utf8(&out).unwrap();
            prop_assert!(is_number(text), "{}", text);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
            let expected = match value.abs() {
                size if size != 0.0 && !(1e-5..1e17).contains(&size) => format!("{value:e}"),
                _ => format!("{value}"),
            };
            prop_assert_eq!(shape(text), shape(&expected));
        }

        #[test]
        fn floats_read_back(value in any::<f32>()) {
            prop_assume!(value.is_finite());
            let mut out = Vec::new();
            write_float(value, &mut out);
            let text = std::str::from_utf8(&out).unwrap();
            prop_assert!(is_number(text), "{}", text);
            prop_assert_eq!(text.parse::<f32>().unwrap().to_bits(), value.to_bits());
        }
    }
}
