//! The text forms of `Timestamp` (RFC 3339), `Duration` and `FieldMask` (protobuf.dev, "ProtoJSON").

use time::{Date, Month};

use super::error::{JsonError, Result};

/// 0001-01-01T00:00:00Z
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z
const LAST_SECOND: i64 = 253_402_300_799;
/// 10,000 years of 365.25 days.
const LONGEST_DURATION: i64 = 315_576_000_000;
const SECONDS_OF_DAY: i64 = 86_400;
/// 1970-01-01 as a Julian day.
const DAY_1970: i32 = 2_440_588;

/// Seconds since 1970 and nanoseconds within the second.
pub fn parse_timestamp(text: &str) -> Result<(i64, i32)> {
    timestamp(text).filter(|(seconds, _)| (FIRST_SECOND..=LAST_SECOND).contains(seconds)).ok_or_else(|| {
        JsonError::new("must be a time such as \"2026-01-31T12:00:00.5Z\", of the years 1 to 9999")
    })
}

fn timestamp(text: &str) -> Option<(i64, i32)> {
    let date_and_time = text.get(..19)?.as_bytes();
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if punctuation.iter().any(|(at, byte)| date_and_time[*at] != *byte) {
        return None;
    }
    let (year, month, day) = (digits(&text[0..4])?, digits(&text[5..7])?, digits(&text[8..10])?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let number = |at: std::ops::Range<usize>, most: i64| digits(&text[at]).filter(|value| *value <= most);
    let (hour, minute, second) = (number(11..13, 23)?, number(14..16, 59)?, number(17..19, 59)?);
    let (nanos, zone) = fraction(&text[19..])?;
    let time = hour * 3600 + minute * 60 + second - offset(zone)?;
    Some((i64::from(date.to_julian_day() - DAY_1970) * SECONDS_OF_DAY + time, nanos))
}

/// `Z` or `+hh:mm`, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('+') { 1 } else { -1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Nanoseconds from `.123` of one to nine digits at the start, and what follows.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=9).contains(&length) {
        return None;
    }
    let digits = text.bytes().take(length).chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0, |nanos, digit| 10 * nanos + i32::from(digit - b'0'));
    Some((nanos, &text[length..]))
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Writes a timestamp in UTC with 0, 3, 6 or 9 digits of a second, quoted.
pub fn write_timestamp(seconds: i64, nanos: i32, out: &mut Vec<u8>) -> Result<()> {
    let outside = || JsonError::new("a Timestamp outside of the years 1 to 9999");
    if !(FIRST_SECOND..=LAST_SECOND).contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return Err(outside());
    }
    let (year, month, day) = date(seconds.div_euclid(SECONDS_OF_DAY)).ok_or_else(outside)?.to_calendar_date();
    let second = seconds.rem_euclid(SECONDS_OF_DAY);
    let mut text = *b"\"0000-00-00T00:00:00";
    put_digits(&mut text[1..5], year.into());
    put_digits(&mut text[6..8], u8::from(month).into());
    put_digits(&mut text[9..11], day.into());
    put_digits(&mut text[12..14], second / 3600);
    put_digits(&mut text[15..17], second / 60 % 60);
    put_digits(&mut text[18..20], second % 60);
    out.extend_from_slice(&text);
    write_nanos(nanos, out);
    out.extend_from_slice(b"Z\"");
    Ok(())
}

/// The date so many days after 1970-01-01.
fn date(days: i64) -> Option<Date> {
    Date::from_julian_day(DAY_1970 + i32::try_from(days).ok()?).ok()
}

/// Fills a place with the last decimal digits of a number.
fn put_digits(place: &mut [u8], number: i64) {
    // Numbers of a date are small, and 32 bits divide faster.
    let mut number = u32::try_from(number).unwrap_or_default();
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

/// Nothing, or a point and 3, 6 or 9 digits.
fn write_nanos(nanos: i32, out: &mut Vec<u8>) {
    if nanos == 0 {
        return;
    }
    let mut text = *b".000000000";
    put_digits(&mut text[1..], nanos.into());
    let length = if nanos % 1_000_000 == 0 {
        4
    } else if nanos % 1_000 == 0 {
        7
    } else {
        10
    };
    out.extend_from_slice(&text[..length]);
}

/// Seconds and nanoseconds of the same sign, from text such as `-1.5s`.
pub fn parse_duration(text: &str) -> Result<(i64, i32)> {
    duration(text).ok_or_else(|| {
        JsonError::new(format!(
            "must be seconds such as \"1.5s\", at most {LONGEST_DURATION}s, with up to nine digits behind the point"
        ))
    })
}

fn duration(text: &str) -> Option<(i64, i32)> {
    let text = text.strip_suffix('s')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let seconds: i64 = text[..length].parse().ok()?;
    let (nanos, rest) = fraction(&text[length..])?;
    let in_range = seconds < LONGEST_DURATION || (seconds == LONGEST_DURATION && nanos == 0);
    (rest.is_empty() && in_range).then_some((i64::from(sign) * seconds, sign * nanos))
}

/// Writes a duration with 0, 3, 6 or 9 digits of a second, quoted.
pub fn write_duration(seconds: i64, nanos: i32, out: &mut Vec<u8>) -> Result<()> {
    let range = -LONGEST_DURATION..=LONGEST_DURATION;
    let one_sign = (seconds <= 0 && nanos <= 0) || (seconds >= 0 && nanos >= 0);
    if !range.contains(&seconds) || nanos.unsigned_abs() >= 1_000_000_000 || !one_sign {
        return Err(JsonError::new("a Duration out of range, or with two signs"));
    }
    out.extend_from_slice(if seconds < 0 || nanos < 0 { b"\"-" } else { b"\"" });
    out.extend_from_slice(itoa::Buffer::new().format(seconds.unsigned_abs()).as_bytes());
    write_nanos(nanos.abs(), out);
    out.extend_from_slice(b"s\"");
    Ok(())
}

/// `fooBar` as `foo_bar`; a path of a mask may have dots. One that is in snake_case already is taken too, and so is `*`.
pub fn mask_path_from_json(path: &str) -> Result<String> {
    let mut snake = String::with_capacity(path.len() + 4);
    for char in path.chars() {
        match char {
            'A'..='Z' => {
                if !snake.is_empty() && !snake.ends_with('.') {
                    snake.push('_');
                }
                snake.push(char.to_ascii_lowercase());
            }
            'a'..='z' | '0'..='9' | '.' | '_' | '*' => snake.push(char),
            _ => {
                return Err(JsonError::new("must be field paths such as `displayName,price.amount`, or `*`"));
            }
        }
    }
    Ok(snake)
}

/// The inverse; a path that would not come back the same is refused.
pub fn mask_path_to_json(path: &str) -> Result<String> {
    let mut camel = String::with_capacity(path.len());
    let mut chars = path.chars().peekable();
    while let Some(char) = chars.next() {
        let within_name = !camel.is_empty() && !camel.ends_with('.');
        match char {
            '_' if within_name && chars.peek().is_some_and(char::is_ascii_lowercase) => {
                camel.extend(chars.next().map(|next| next.to_ascii_uppercase()));
            }
            'a'..='z' | '0'..='9' | '.' | '_' | '*' => camel.push(char),
            _ => return Err(JsonError::new("a FieldMask path that has no JSON form")),
        }
    }
    Ok(camel)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Option<String> {
        let mut out = Vec::new();
        write(&mut out).ok()?;
        Some(String::from_utf8(out).unwrap().trim_matches('"').to_owned())
    }

    #[test]
    fn timestamps() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some((0, 0))),
            ("0001-01-01T00:00:00Z", Some((FIRST_SECOND, 0))),
            ("9999-12-31T23:59:59.999999999Z", Some((LAST_SECOND, 999_999_999))),
            ("1969-12-31T23:59:59.5Z", Some((-1, 500_000_000))),
            ("2024-02-29T12:00:00+01:00", Some((1_709_204_400, 0))),
            ("2023-02-29T12:00:00Z", None),
            ("0001-01-01T00:00:00+00:01", None),
            ("2024-01-01T00:00:60Z", None),
            ("2024-01-01t00:00:00Z", None),
            ("2024-01-01T00:00:00z", None),
            ("2024-01-01T00:00:00", None),
            ("2024-01-01T00:00:00.Z", None),
            ("2024-01-01T00:00:00.0123456789Z", None),
            ("2024-01-01T00:00:00+1:00", None),
            ("20é--01-01T00:00:00Z", None),
            ("+024-01-01T00:00:00Z", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_timestamp(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let cases = [
            ("1.5s", Some((1, 500_000_000))),
            ("-0.000000001s", Some((0, -1))),
            ("-315576000000s", Some((-LONGEST_DURATION, 0))),
            ("315576000000.1s", None),
            ("1", None),
            ("s", None),
            ("1.s", None),
            ("+1s", None),
            ("1e3s", None),
            ("--1s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text).ok(), expected, "{text}");
        }
        assert_eq!(shown(|out| write_duration(0, -1_000, out)).unwrap(), "-0.000001s");
        assert_eq!(shown(|out| write_duration(1, -1, out)), None);
    }

    #[test]
    fn masks() {
        assert_eq!(mask_path_from_json("displayName.fooBar1").unwrap(), "display_name.foo_bar1");
        assert_eq!(mask_path_to_json("display_name.foo_bar1").unwrap(), "displayName.fooBar1");
        assert_eq!(mask_path_from_json("FooBar.Baz").unwrap(), "foo_bar.baz");
        for bad in ["a\"", "a b", "a(b)", "a-b"] {
            assert!(mask_path_from_json(bad).is_err(), "{bad}");
        }
        for snake in ["*", "a.*", "_a", "a_b.c", "a__b", "a_1", "a_", "a._b"] {
            assert_eq!(mask_path_from_json(snake).unwrap(), snake);
            assert_eq!(mask_path_from_json(&mask_path_to_json(snake).unwrap()).unwrap(), snake);
        }
        for bad in ["fooBar", "a b", "a-b"] {
            assert!(mask_path_to_json(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn timestamps_read_back(seconds in FIRST_SECOND..=LAST_SECOND, nanos in 0..1_000_000_000_i32) {
            let text = shown(|out| write_timestamp(seconds, nanos, out)).unwrap();
            prop_assert_eq!(parse_timestamp(&text).unwrap(), (seconds, nanos), "{}", text);
        }

        #[test]
        fn durations_read_back(seconds in 0..LONGEST_DURATION, nanos in 0..1_000_000_000_i32, negative: bool) {
            let (seconds, nanos) = if negative { (-seconds, -nanos) } else { (seconds, nanos) };
            let text = shown(|out| write_duration(seconds, nanos, out)).unwrap();
            prop_assert_eq!(parse_duration(&text).unwrap(), (seconds, nanos), "{}", text);
        }
    }
}
