//! How long a call may run: what its caller grants, and never longer than the contract says.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use tonic::Status;

use crate::observed_body::deadline_exceeded;

/// The time for a call: `grpc-timeout` if there is one, at most `longest`.
pub fn allowance(headers: &HeaderMap, longest: Duration) -> Duration {
    let granted = headers.get("grpc-timeout").and_then(|value| parse(value.to_str().ok()?));
    granted.map_or(longest, |granted| granted.min(longest))
}

/// DEADLINE_EXCEEDED once a call's time is over, be it before it began: `grpc-timeout: 0S`.
pub fn in_time(deadline: Instant) -> Result<(), Status> {
    if Instant::now() < deadline { Ok(()) } else { Err(deadline_exceeded()) }
}

/// At most eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

/// A `grpc-timeout` value that is not longer than `time`.
pub fn encode(time: Duration) -> String {
    match u64::try_from(time.as_micros()) {
        Ok(micros) if micros < 100_000_000 => format!("{micros}u"),
        Ok(micros) if micros / 1000 < 100_000_000 => format!("{}m", micros / 1000),
        _ => format!("{}S", time.as_secs().min(99_999_999)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_and_capped() {
        let longest = Duration::from_secs(5);
        let of = |text: &str| {
            allowance(
                &HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), text.parse().unwrap())]),
                longest,
            )
        };
        assert_eq!(of("250m"), Duration::from_millis(250));
        assert_eq!(of("1S"), Duration::from_secs(1));
        for odd in ["99999999H", "123456789m", "m", "", "-1S", "1x", "1é"] {
            assert_eq!(of(odd), longest, "{odd}");
        }
        assert_eq!(allowance(&HeaderMap::new(), longest), longest);
    }

    #[test]
    fn what_is_written_is_read() {
        for time in [Duration::from_micros(1), Duration::from_millis(1500), Duration::from_secs(86_400)] {
            let read = parse(&encode(time)).unwrap();
            assert!(read <= time && read + Duration::from_millis(1) >= time, "{time:?}");
        }
    }
}
