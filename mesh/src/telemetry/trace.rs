//! W3C Trace Context: one `traceparent` for a request's whole way.

use ring::rand::{SecureRandom, SystemRandom};
use std::fmt::Write;

/// A new trace, sampled.
pub fn root() -> String {
    format!("00-{}-{}-01", hex::<16>(), hex::<8>())
}

/// The next hop of a trace, or a new trace when `parent` is none (W3C Trace Context, 3.2).
pub fn child(parent: Option<&str>) -> String {
    match parent.and_then(trace_and_flags) {
        Some((trace, flags)) => format!("00-{trace}-{}-{flags}", hex::<8>()),
        None => root(),
    }
}

/// Whether text is a `traceparent` that a next hop goes on with.
pub fn is_valid(traceparent: &str) -> bool {
    trace_and_flags(traceparent).is_some()
}

/// The trace id of a `traceparent`.
pub fn trace_id(traceparent: &str) -> &str {
    traceparent.get(3..35).unwrap_or_default()
}

fn trace_and_flags(parent: &str) -> Option<(&str, &str)> {
    let mut parts = parent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hexadecimal = |text: &str, length| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let valid = hexadecimal(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && hexadecimal(trace, 32)
        && !zero(trace)
        && hexadecimal(span, 16)
        && !zero(span)
        && hexadecimal(flags, 2);
    valid.then_some((trace, flags))
}

fn hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    // Ids that are all zero are only bad traces.
    let _ = SystemRandom::new().fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(2 * BYTES), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_goes_on_and_a_bad_one_starts_anew() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        let next = child(Some(parent));
        assert_eq!(trace_id(&next), trace_id(parent));
        assert!(next.ends_with("-00") && next != parent);
        for bad in [
            "",
            "00-1-2-3",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            &format!("{parent}-x"),
        ] {
            assert_ne!(trace_id(&child(Some(bad))), trace_id(parent), "{bad}");
        }
    }
}
