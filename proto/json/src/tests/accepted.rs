//! What is read, and how it is printed again.

use super::*;

fn round(json: &str) -> String {
    print(&parse(json).unwrap_or_else(|error| panic!("{json}: {error}"))).unwrap()
}

fn check(cases: &[(&str, &str)]) {
    for (json, printed) in cases {
        assert_eq!(round(json), *printed, "{json}");
        assert_eq!(round(printed), *printed, "{printed}, read again");
    }
}

#[test]
fn numbers() {
    check(&[
        (r#"{"int64": 9007199254740993}"#, r#"{"int64":"9007199254740993"}"#),
        (r#"{"int64": "-9223372036854775808"}"#, r#"{"int64":"-9223372036854775808"}"#),
        (r#"{"uint64": 1.8446744073709551615e19}"#, r#"{"uint64":"18446744073709551615"}"#),
        (
            r#"{"int32": 1e2, "sint32": -1.0, "uint32": "4294967295"}"#,
            r#"{"int32":100,"uint32":4294967295,"sint32":-1}"#,
        ),
        (r#"{"sint64": "-1", "fixed32": 1, "fixed64": 2}"#, r#"{"sint64":"-1","fixed32":1,"fixed64":"2"}"#),
        (r#"{"sfixed32": -2147483648, "sfixed64": -3}"#, r#"{"sfixed32":-2147483648,"sfixed64":"-3"}"#),
        (r#"{"double": 1e300, "float": 0.1}"#, r#"{"double":1e300,"float":0.1}"#),
        (r#"{"double": "NaN", "float": "-Infinity"}"#, r#"{"double":"NaN","float":"-Infinity"}"#),
        (r#"{"double": -0.0, "float": "1.5"}"#, r#"{"double":-0,"float":1.5}"#),
        (r#"{"float": 3.4028235e+38}"#, r#"{"float":3.4028235e38}"#),
        (r#"{"int32": 0, "double": 0.0, "text": "", "bool": false}"#, "{}"),
        (r#"{"optionalInt": 0}"#, r#"{"optionalInt":0}"#),
    ]);
}

#[test]
fn text_bytes_and_enums() {
    check(&[
        (r#"{"text": "\u00e9\ud83d\ude00\n\/\u0000\u007f"}"#, "{\"text\":\"é😀\\n/\\u0000\\u007f\"}"),
        (r#"{"bytes": "-_8"}"#, r#"{"bytes":"+/8="}"#),
        (r#"{"bytes": "+/8="}"#, r#"{"bytes":"+/8="}"#),
        (r#"{"color": "COLOR_CRIMSON"}"#, r#"{"color":"COLOR_RED"}"#),
        (r#"{"color": -1}"#, r#"{"color":"COLOR_BLUE"}"#),
        (
            r#"{"color": 77, "colors": ["COLOR_BLUE", 0]}"#,
            r#"{"color":77,"colors":["COLOR_BLUE","COLOR_UNSPECIFIED"]}"#,
        ),
        (
            r#"{"other_name": 1}"#.replace("other_name", "renamed").replace('1', "\"x\"").as_str(),
            r#"{"otherName":"x"}"#,
        ),
        (r#"{"optional_int": 3}"#, r#"{"optionalInt":3}"#),
        (r#"{"color": "-1"}"#, r#"{"color":"COLOR_BLUE"}"#),
    ]);
    for word in ["true", "True", "TRUE", "1", "t", "yes", "Y"] {
        assert_eq!(round(&format!(r#"{{"bool": "{word}"}}"#)), r#"{"bool":true}"#, "{word}");
        let (wrapper, map) =
            (format!(r#"{{"boolWrapper": "{word}"}}"#), format!(r#"{{"byBool": {{"{word}": 1}}}}"#));
        assert_eq!(round(&wrapper), r#"{"boolWrapper":true}"#, "{word}");
        assert_eq!(round(&map), r#"{"byBool":{"true":"COLOR_RED"}}"#, "{word}");
    }
    for word in ["false", "False", "0", "n"] {
        assert_eq!(round(&format!(r#"{{"boolWrapper": "{word}"}}"#)), r#"{"boolWrapper":false}"#, "{word}");
    }
    let any_case = ParseOptions { case_insensitive_enum: true, ..ParseOptions::default() };
    for name in ["color_Red", "color-red"] {
        let wire = parse_with(&format!(r#"{{"color": "{name}"}}"#), &any_case).unwrap();
        assert_eq!(print(&wire).unwrap(), r#"{"color":"COLOR_RED"}"#);
    }
}

#[test]
fn lists_maps_and_null() {
    check(&[
        (r#"{"numbers": [], "texts": null, "inner": null, "int32": null}"#, "{}"),
        (r#"{"numbers": [1, "2", 0], "unpacked": [-1, 1]}"#, r#"{"numbers":[1,2,0],"unpacked":["-1","1"]}"#),
        (r#"{"byText": {"b": 0, "a": 1}}"#, r#"{"byText":{"a":1,"b":0}}"#),
        (r#"{"byNumber": {"-5": {}, "10": {"text": "x"}}}"#, r#"{"byNumber":{"-5":{},"10":{"text":"x"}}}"#),
        (r#"{"byBool": {"true": "COLOR_RED"}}"#, r#"{"byBool":{"true":"COLOR_RED"}}"#),
        (r#"{"inners": [{}, {"inner": {}}]}"#, r#"{"inners":[{},{"inner":{}}]}"#),
        (r#"{"one": null, "two": {}}"#, r#"{"two":{}}"#),
        (r#"{"one": ""}"#, r#"{"one":""}"#),
        (r#"{"nothing": null}"#, r#"{"nothing":null}"#),
        (r#"{"nothing": "NULL_VALUE"}"#, r#"{"nothing":null}"#),
        (r#"{"anything": null}"#, r#"{"anything":null}"#),
    ]);
}

#[test]
fn well_known_types() {
    check(&[
        (r#"{"time": "2024-02-29T01:00:00.5+01:00"}"#, r#"{"time":"2024-02-29T00:00:00.500Z"}"#),
        (r#"{"duration": "-1.50s"}"#, r#"{"duration":"-1.500s"}"#),
        (r#"{"mask": "a,fooBar.baz"}"#, r#"{"mask":"a,fooBar.baz"}"#),
        (r#"{"mask": ""}"#, r#"{"mask":""}"#),
        (r#"{"mask": "*"}"#, r#"{"mask":"*"}"#),
        (r#"{"mask": "foo_bar,FooBar.b_c"}"#, r#"{"mask":"fooBar,fooBar.bC"}"#),
        (
            r#"{"int64Wrapper": 0, "textWrapper": "", "boolWrapper": false}"#,
            r#"{"int64Wrapper":"0","textWrapper":"","boolWrapper":false}"#,
        ),
        (
            r#"{"doubleWrapper": "NaN", "bytesWrapper": "AQ", "int64Wrappers": [1]}"#,
            r#"{"doubleWrapper":"NaN","bytesWrapper":"AQ==","int64Wrappers":["1"]}"#,
        ),
        (r#"{"int64Wrapper": null}"#, "{}"),
        (r#"{"empty": {}}"#, r#"{"empty":{}}"#),
        (
            r#"{"value": null, "values": [null, 1.5, "s", true, false, {"k": []}, [null]]}"#,
            r#"{"value":null,"values":[null,1.5,"s",true,false,{"k":[]},[null]]}"#,
        ),
        (
            r#"{"struct": {"b": {"c": null}, "a": 1}, "list": [[], {}]}"#,
            r#"{"struct":{"a":1,"b":{"c":null}},"list":[[],{}]}"#,
        ),
        (r#"{"struct": {}, "list": []}"#, r#"{"struct":{},"list":[]}"#),
        (r#"{"valuesByText": {"x": null}}"#, r#"{"valuesByText":{"x":null}}"#),
    ]);
}

#[test]
fn any() {
    let url = |name: &str| format!("type.googleapis.com/{name}");
    let (inner, duration, value) =
        (url("corner.Inner"), url("google.protobuf.Duration"), url("google.protobuf.Value"));
    let nested = url("google.protobuf.Any");
    check(&[
        (r#"{"any": {}}"#, r#"{"any":{}}"#),
        (
            &format!(r#"{{"any": {{"text": "x", "@type": "{inner}"}}}}"#),
            &format!(r#"{{"any":{{"@type":"{inner}","text":"x"}}}}"#),
        ),
        (&format!(r#"{{"any": {{"@type": "{inner}"}}}}"#), &format!(r#"{{"any":{{"@type":"{inner}"}}}}"#)),
        (
            &format!(r#"{{"any": {{"value": "1.5s", "@type": "{duration}"}}}}"#),
            &format!(r#"{{"any":{{"@type":"{duration}","value":"1.500s"}}}}"#),
        ),
        (
            &format!(r#"{{"any": {{"@type": "{value}", "value": [1]}}}}"#),
            &format!(r#"{{"any":{{"@type":"{value}","value":[1]}}}}"#),
        ),
        (
            &format!(r#"{{"any": {{"@type": "{nested}", "value": {{"@type": "{inner}", "number": 1}}}}}}"#),
            &format!(r#"{{"any":{{"@type":"{nested}","value":{{"@type":"{inner}","number":1}}}}}}"#),
        ),
    ]);
    let lenient = PrintOptions { unknown_any_as_base64: true, ..PrintOptions::default() };
    let any = b"\x0a\x03x/y\x12\x01z";
    let wire = [b"\xda\x02\x08".as_slice(), any].concat();
    assert_eq!(print(&wire).unwrap_err().path(), "any.@type");
    assert_eq!(print_with(ALL, &wire, &lenient).unwrap(), r#"{"any":{"@type":"x/y","value":"eg=="}}"#);
}

#[test]
fn options_of_printing() {
    let wire = parse(r#"{"optionalInt": 1, "color": 1, "numbers": [1, 2]}"#).unwrap();
    let proto_names = PrintOptions { preserve_proto_field_names: true, ..PrintOptions::default() };
    assert!(print_with(ALL, &wire, &proto_names).unwrap().contains(r#""optional_int":1"#));
    let numbers = PrintOptions { always_print_enums_as_ints: true, ..PrintOptions::default() };
    assert!(print_with(ALL, &wire, &numbers).unwrap().contains(r#""color":1"#));
    let spaced = PrintOptions { add_whitespace: true, ..PrintOptions::default() };
    let text = print_with("corner.Inner", b"\x0a\x01x\x1a\x00", &spaced).unwrap();
    assert_eq!(text, "{\n  \"text\": \"x\",\n  \"inners\": [\n    {}\n  ]\n}");
    let all = PrintOptions { always_print_primitive_fields: true, ..PrintOptions::default() };
    let text = print_with("corner.Inner", &[], &all).unwrap();
    assert_eq!(text, r#"{"text":"","inners":[],"number":0}"#);
    // Fields that know "not set" stay away.
    let text = print_with(ALL, &[], &all).unwrap();
    for absent in ["optionalInt", "inner", "one", "time", "int64Wrapper", "value"] {
        assert!(!text.contains(&format!("\"{absent}\":")), "{absent}: {text}");
    }
    assert!(
        text.contains(r#""int64":"0""#) && text.contains(r#""byText":{}"#) && text.contains(r#""null":null"#)
    );
}

#[test]
fn groups() {
    let mut wire = Vec::new();
    let json = r#"{"block":{"text":"x","item":[{"number":1},{}]},"withDefault":0}"#;
    codec().from_json("corner.Legacy", json.as_bytes(), &ParseOptions::default(), &mut wire).unwrap();
    assert_eq!(print_with("corner.Legacy", &wire, &PrintOptions::default()).unwrap(), json);
}

#[test]
fn unknown_fields_are_skipped_when_asked() {
    let lenient = ParseOptions { ignore_unknown_fields: true, ..ParseOptions::default() };
    let json = r#"{"x": [1, {"y": "\u00e9"}, null, true, -1.5e3], "int32": 1, "inner": {"z": {}}}"#;
    assert_eq!(print(&parse_with(json, &lenient).unwrap()).unwrap(), r#"{"int32":1,"inner":{}}"#);
    for bad in [r#"{"x": [1,]}"#, r#"{"x": {"a" 1}}"#, r#"{"x": tru}"#, r#"{"x": "\ud800"}"#, r#"{"x": 01}"#]
    {
        assert!(parse_with(bad, &lenient).is_err(), "{bad}");
    }
}
