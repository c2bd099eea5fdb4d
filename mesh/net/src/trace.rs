//! W3C Trace Context: one `traceparent` for a request's whole way.

use crate::hex;

/// Where a `traceparent` has its trace and its span.
const TRACE: std::ops::Range<usize> = 3..35;
const SPAN: std::ops::Range<usize> = 36..52;
/// The last two digits.
const FLAGS: usize = 53;

/// A new trace, sampled. Its ids are drawn by the thread's own generator, which no observer of ids can foretell.
pub fn root() -> String {
    let (trace, span): ([u8; 16], [u8; 8]) = rand::random();
    let mut text = *b"00-................................-................-01";
    hex::write(&trace, &mut text[TRACE]);
    hex::write(&span, &mut text[SPAN]);
    in_ascii(&text)
}

/// The next hop of a trace, or a new trace when `parent` is none (W3C Trace Context, 3.2).
pub fn child(parent: Option<&str>) -> String {
    let Some((trace, flags)) = parent.and_then(trace_and_flags) else { return root() };
    let span: [u8; 8] = rand::random();
    let mut text = *b"00-................................-................-..";
    text[TRACE].copy_from_slice(trace.as_bytes());
    hex::write(&span, &mut text[SPAN]);
    text[FLAGS..].copy_from_slice(flags.as_bytes());
    in_ascii(&text)
}

/// Whether text is a `traceparent` that a next hop goes on with.
pub fn is_valid(traceparent: &str) -> bool {
    trace_and_flags(traceparent).is_some()
}

/// The trace id of a `traceparent`.
pub fn trace_id(traceparent: &str) -> &str {
    traceparent.get(TRACE).unwrap_or_default()
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

fn in_ascii(text: &[u8]) -> String {
    str::from_utf8(text).expect("digits and dashes").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_valid_and_differ() {
        let (root, parent) = (super::root(), super::root());
        let next = child(Some(&parent));
        assert!(is_valid(&root) && is_valid(&parent) && is_valid(&next), "{root} {parent} {next}");
        assert_ne!(trace_id(&root), trace_id(&parent));
        assert_ne!(root[SPAN], parent[SPAN]);
        assert_ne!(next[SPAN], parent[SPAN]);
        assert!(root.ends_with("-01"));
    }

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
