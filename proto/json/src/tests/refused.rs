//! What is refused, and where the error says the fault is.

use super::*;

#[test]
fn values_that_do_not_fit_are_named_by_their_path() {
    let cases = [
        (r#"{"inners": [{}, {}, {"number": "x"}]}"#, "inners[2].number"),
        (r#"{"int64": ""}"#, "int64"),
        (r#"{"int64": "1 "}"#, "int64"),
        (r#"{"int64": "+1"}"#, "int64"),
        (r#"{"int64": "0x1"}"#, "int64"),
        (r#"{"int64": 1.5}"#, "int64"),
        (r#"{"int64": 9223372036854775808}"#, "int64"),
        (r#"{"int32": 2147483648}"#, "int32"),
        (r#"{"int32": true}"#, "int32"),
        (r#"{"int32": [1]}"#, "int32"),
        (r#"{"uint32": -1}"#, "uint32"),
        (r#"{"uint64": 1e999999999}"#, "uint64"),
        (r#"{"double": 1e400}"#, "double"),
        (r#"{"double": "infinity"}"#, "double"),
        (r#"{"float": 3.502823e+38}"#, "float"),
        (r#"{"bool": "on"}"#, "bool"),
        (r#"{"bool": "true "}"#, "bool"),
        (r#"{"bool": ""}"#, "bool"),
        (r#"{"bool": 1}"#, "bool"),
        (r#"{"text": 1}"#, "text"),
        (r#"{"bytes": "!"}"#, "bytes"),
        (r#"{"color": "COLOR_GREEN"}"#, "color"),
        (r#"{"color": "color_red"}"#, "color"),
        (r#"{"color": "77"}"#, "color"),
        (r#"{"color": "1.0"}"#, "color"),
        (r#"{"color": 2147483648}"#, "color"),
        (r#"{"inner": []}"#, "inner"),
        (r#"{"inner": "x"}"#, "inner"),
        (r#"{"texts": "x"}"#, "texts"),
        (r#"{"texts": ["a", null]}"#, "texts[1]"),
        (r#"{"byText": {"a": null}}"#, r#"byText["a"]"#),
        (r#"{"byText": {"a": 1, "\u0061": 2}}"#, r#"byText["a"]"#),
        (r#"{"byNumber": {"1": {}, "1.0": {}}}"#, r#"byNumber["1.0"]"#),
        (r#"{"byNumber": {"x": {}}}"#, r#"byNumber["x"]"#),
        (r#"{"byBool": {"2": 1}}"#, r#"byBool["2"]"#),
        (r#"{"byBool": {"true": 1, "True": 1}}"#, r#"byBool["True"]"#),
        (r#"{"byNumber": {"1": {"inner": {"number": "y"}}}}"#, r#"byNumber["1"].inner.number"#),
        (r#"{"optionalInt": 1, "optional_int": 1}"#, "optionalInt"),
        (r#"{"text": null, "text": "x"}"#, "text"),
        (r#"{"one": "x", "two": {}}"#, "two"),
        (r#"{"nothing": null, "one": "x"}"#, "one"),
        (r#"{"unknown": 1}"#, "unknown"),
        (r#"{"inner": {"unknown": 1}}"#, "inner.unknown"),
        (r#"{"time": "2024-01-01"}"#, "time"),
        (r#"{"time": 5}"#, "time"),
        (r#"{"times": ["2024-13-01T00:00:00Z"]}"#, "times[0]"),
        (r#"{"duration": "1"}"#, "duration"),
        (r#"{"mask": "a b"}"#, "mask"),
        (r#"{"int64Wrappers": [null]}"#, "int64Wrappers[0]"),
        (r#"{"any": {"text": "x"}}"#, "any"),
        (r#"{"any": {"@type": "corner.Inner"}}"#, "any.@type"),
        (r#"{"any": {"@type": "x/corner.None"}}"#, "any.@type"),
        (r#"{"any": {"@type": "x/corner.Inner", "@type": "x/corner.Inner"}}"#, "any.@type"),
        (r#"{"any": {"@type": "x/corner.Inner", "number": "x"}}"#, "any.number"),
        (r#"{"any": {"@type": "x/google.protobuf.Duration"}}"#, "any.value"),
        (r#"{"any": {"@type": "x/google.protobuf.Duration", "value": "1s", "value": "1s"}}"#, "any.value"),
        (r#"{"any": {"@type": "x/google.protobuf.Duration", "value": "1s", "more": 1}}"#, "any.more"),
        (r#"{"values": [1e400]}"#, "values[0]"),
        (r#"{"empty": {"x": 1}}"#, "empty.x"),
    ];
    for (json, path) in cases {
        match parse(json) {
            Err(error) => assert_eq!(error.path(), path, "{json}: {error}"),
            Ok(_) => panic!("{json} was read"),
        }
    }
}

#[test]
fn what_is_no_json_is_refused() {
    let cases = [
        "",
        "null",
        "[]",
        "\u{feff}{}",
        "{",
        "{}}",
        "{} x",
        "{,}",
        r#"{"text": "a",}"#,
        r#"{"numbers": [1,]}"#,
        r#"{"numbers": [1 2]}"#,
        r#"{"numbers": [,1]}"#,
        "{'text': 'a'}",
        r#"{text: "a"}"#,
        r#"{"text" "a"}"#,
        r#"{"text": "a" "bool": true}"#,
        "{\"text\": \"a\nb\"}",
        r#"{"text": "\x41"}"#,
        r#"{"text": "\u12g4"}"#,
        r#"{"text": "\u+123"}"#,
        r#"{"text": "\ud800"}"#,
        r#"{"text": "\udc00\ud800"}"#,
        r#"{"text": "\ud800\u0041"}"#,
        r#"{"text": "a"#,
        r#"{"text": "a\"#,
        r#"{"int32": 01}"#,
        r#"{"int32": +1}"#,
        r#"{"int32": 1.}"#,
        r#"{"int32": .5}"#,
        r#"{"int32": 1e}"#,
        r#"{"int32": 0x1}"#,
        r#"{"double": NaN}"#,
        r#"{"double": -Infinity}"#,
        r#"{"bool": truely}"#,
        r#"{"bool": nul}"#,
        "{/* */}",
    ];
    for json in cases {
        assert!(parse(json).is_err(), "{json}");
    }
    let mut out = Vec::new();
    let not_utf8 = b"{\"text\": \"\xff\"}";
    assert!(codec().from_json(ALL, not_utf8, &ParseOptions::default(), &mut out).is_err());
    assert!(codec().from_json("corner.None", b"{}", &ParseOptions::default(), &mut out).is_err());
}

#[test]
fn faults_of_syntax_are_placed() {
    let error = parse("{\n  \"inner\": {\"text\": \"x\"; }\n}").unwrap_err();
    assert_eq!(error.to_string(), "inner: expected `,` or `}` but found ';' at line 2 column 24");
}
