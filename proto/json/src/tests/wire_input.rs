//! Wire bytes that no tidy encoder writes but that protobuf allows, and some that it does not.

use super::*;

#[test]
fn the_last_value_counts_and_messages_merge() {
    // int32 = 1, inner {text: a}, int32 = 2, inner {number: 5}
    let wire = b"\x18\x01\x8a\x01\x03\x0a\x01a\x18\x02\x8a\x01\x02\x20\x05";
    assert_eq!(print(wire).unwrap(), r#"{"int32":2,"inner":{"text":"a","number":5}}"#);
}

#[test]
fn of_a_oneof_the_last_member_counts() {
    // one = "x", two {text: a}, one = "y"
    let wire = b"\xf2\x01\x01x\xfa\x01\x03\x0a\x01a\xf2\x01\x01y";
    assert_eq!(print(wire).unwrap(), r#"{"one":"y"}"#);
    // two {text: a}, one = "x", two {number: 5}: what came before `one` is gone.
    let wire = b"\xfa\x01\x03\x0a\x01a\xf2\x01\x01x\xfa\x01\x02\x20\x05";
    assert_eq!(print(wire).unwrap(), r#"{"two":{"number":5}}"#);
}

#[test]
fn lists_may_be_packed_split_and_interleaved() {
    // numbers: packed [1, 2], texts a, numbers 3 unpacked, texts b, packed []
    let wire = b"\xa2\x01\x02\x01\x02\x9a\x01\x01a\xa0\x01\x03\x9a\x01\x01b\xa2\x01\x00";
    assert_eq!(print(wire).unwrap(), r#"{"texts":["a","b"],"numbers":[1,2,3]}"#);
    assert_eq!(print(b"\xa2\x01\x00").unwrap(), "{}");
    // `unpacked`, packed.
    assert_eq!(print(b"\xd2\x01\x02\x01\x02").unwrap(), r#"{"unpacked":["-1","1"]}"#);
}

#[test]
fn map_entries_may_lack_parts_and_repeat() {
    // by_text: {a: 1}, {}, {key a, value 2}, {key b}
    let wire = b"\xba\x01\x05\x0a\x01a\x10\x01\xba\x01\x00\xba\x01\x05\x10\x02\x0a\x01a\xba\x01\x03\x0a\x01b";
    assert_eq!(print(wire).unwrap(), r#"{"byText":{"":0,"a":2,"b":0}}"#);
    // by_number: {key 1}: an empty message.
    assert_eq!(print(b"\xc2\x01\x02\x08\x01").unwrap(), r#"{"byNumber":{"1":{}}}"#);
}

#[test]
fn unknown_fields_and_groups_are_skipped() {
    // field 1000: varint, fixed64, bytes, group of a group, fixed32; then int32 = 1
    let wire =
        b"\xc0\x3e\x01\xc1\x3e12345678\xc2\x3e\x01x\xc3\x3e\x0b\x08\x01\x0c\xc4\x3e\xc5\x3e1234\x18\x01";
    assert_eq!(print(wire).unwrap(), r#"{"int32":1}"#);
}

#[test]
fn zeros_written_out_are_as_if_not_written() {
    assert_eq!(print(b"\x18\x00\x72\x00\x09\0\0\0\0\0\0\0\0").unwrap(), "{}");
}

#[test]
fn low_bits_count() {
    // int32 = -1 in ten bytes, and 2^32 + 5 in a field of 32 bits.
    assert_eq!(print(b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").unwrap(), r#"{"int32":-1}"#);
    assert_eq!(print(b"\x28\x85\x80\x80\x80\x10").unwrap(), r#"{"uint32":5}"#);
}

#[test]
fn damaged_messages_are_refused() {
    let cases: [&[u8]; 17] = [
        b"\x18",
        b"\x18\x80",
        b"\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x09123",
        b"\x15123",
        b"\x72\x02x",
        b"\x72\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x00\x01",
        b"\x07\x01",
        b"\x1c",
        b"\xc3\x3e\x01\x01",
        b"\xc3\x3e\x0b\xc4\x3e",
        b"\x1a\x01\x01\x80",
        b"\x72\x01\xff",
        b"\x70\x01",
        b"\x8a\x01\x02\x0a\x05",
        b"\xa2\x01\x01\x80",
    ];
    for wire in cases {
        assert!(print(wire).is_err(), "{wire:x?}");
    }
}

#[test]
fn values_without_a_json_form_are_refused() {
    let cases: [(&[u8], &str); 6] = [
        (b"\xea\x02\x00", "value"),
        // number_value: NaN
        (b"\xea\x02\x09\x11\0\0\0\0\0\0\xf8\x7f", "value"),
        // nanos = -1
        (b"\xc2\x02\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "time"),
        (b"\xd2\x02\x04\x0a\x02aB", "mask"),
        (b"\xda\x02\x05\x0a\x03x/y", "any.@type"),
        (b"\xb2\x01\x05\x12\x03\x0a\x01\xff", "inners[0].inner.text"),
    ];
    for (wire, path) in cases {
        assert_eq!(print(wire).unwrap_err().path(), path, "{wire:x?}");
    }
}
