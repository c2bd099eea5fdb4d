//! Input made to exhaust: it is refused quickly, and nothing panics.

use proptest::prelude::*;

use super::*;
use crate::wire::MAX_DEPTH;

/// Messages, one in the other; each begins with the next of `starts`, which ends with the tag of what is inside.
fn nested(starts: &[&[u8]], innermost: &[u8], depth: usize) -> Vec<u8> {
    (0..depth).fold(innermost.to_vec(), |content, level| {
        let mut outer = starts[level % starts.len()].to_vec();
        prost::encoding::encode_varint(content.len() as u64, &mut outer);
        outer.extend(content);
        outer
    })
}

#[test]
fn json_ends_at_the_greatest_depth() {
    let inner = |depth: usize| format!("{}{{}}{}", r#"{"inner": "#.repeat(depth - 1), "}".repeat(depth - 1));
    let list = |depth: usize| format!(r#"{{"value": {}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    for json in [inner(MAX_DEPTH), list(MAX_DEPTH)] {
        let wire = parse(&json).unwrap();
        assert_eq!(parse(&print(&wire).unwrap()).unwrap(), wire);
    }
    for json in [inner(MAX_DEPTH + 1), list(MAX_DEPTH + 1)] {
        assert!(parse(&json).unwrap_err().problem().contains("nested deeper"), "{json}");
    }
    let lenient = ParseOptions { ignore_unknown_fields: true, ..ParseOptions::default() };
    for open in ["[", r#"{"a":"#, r#"{"value":["#, r#"{"any":{"@type":"x/google.protobuf.Any","value":"#] {
        for start in ["", r#"{"x":"#, r#"{"struct":"#, r#"{"values":"#, r#"{"any":"#] {
            assert!(parse_with(&format!("{start}{}", open.repeat(250_000)), &lenient).is_err());
        }
    }
}

#[test]
fn the_wire_ends_at_the_greatest_depth() {
    let inner: &[&[u8]] = &[b"\x12"];
    assert!(print_with("corner.Inner", &nested(inner, b"", MAX_DEPTH - 1), &PrintOptions::default()).is_ok());
    let deep = [
        ("corner.Inner", nested(inner, b"", MAX_DEPTH)),
        ("corner.Inner", nested(&[b"\x1a"], b"", 50_000)),
        ("google.protobuf.Value", nested(&[b"\x0a", b"\x32"], b"", 50_000)),
        ("google.protobuf.ListValue", nested(&[b"\x32", b"\x0a"], b"", 50_000)),
        ("google.protobuf.Any", nested(&[b"\x0a\x15x/google.protobuf.Any\x12"], b"", MAX_DEPTH + 1)),
        ("corner.Inner", b"\x43".repeat(500_000)),
        ("corner.Legacy", b"\x0b".repeat(500_000)),
    ];
    for (name, wire) in deep {
        assert!(print_with(name, &wire, &PrintOptions::default()).is_err(), "{name} of {} bytes", wire.len());
    }
}

#[test]
fn alternating_members_of_a_oneof_cost_no_more_than_their_length() {
    let wire = b"\xf2\x01\x01x\xfa\x01\x00".repeat(200_000);
    assert_eq!(print(&wire).unwrap(), r#"{"two":{}}"#);
}

#[test]
fn long_numbers_and_keys_are_refused() {
    assert!(parse(&format!(r#"{{"double": {}}}"#, "1".repeat(2000))).is_err());
    let key = "k".repeat(100_000);
    assert!(parse(&format!(r#"{{"byText": {{"{key}": 1}}}}"#)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(json in r#"[\[\]{}",:\\/a-z0-9.eE+\-\x00-\x20é😀]{0,60}"#) {
        let _ = parse(&json);
        let _ = parse(&format!(r#"{{"values": [{json}]}}"#));
        let _ = parse(&format!(r#"{{"text": "{json}"}}"#));
    }

    #[test]
    fn no_bytes_panic(wire in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = print(&wire);
        let _ = print_with("corner.Legacy", &wire, &PrintOptions::default());
    }

    #[test]
    fn a_cut_message_does_not_panic(cut in 0usize..60) {
        let wire = parse(r#"{"inners": [{"text": "x"}], "byText": {"a": 1}, "struct": {"a": [1, "b"]}, "time": "2024-01-01T00:00:00.5Z"}"#).unwrap();
        let _ = print(&wire[..cut.min(wire.len())]);
    }
}
