//! Tests of the codec as a whole, on the contracts and on `corner_cases.proto`.

mod accepted;
mod hostile;
mod oracle;
mod refused;
mod wire_input;

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;
use serde_json::Value;

use super::*;

/// `corner_cases.proto`: every kind of field.
static CORNER_CASES: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests");
    let files = protox::compile(["corner_cases.proto", "groups.proto"], [folder]).unwrap();
    DescriptorPool::from_file_descriptor_set(files).unwrap()
});

/// Contracts of a whole shop, as many messages and rules as people write.
pub static CONTRACTS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut compiler =
        protox::Compiler::new([root, concat!(env!("CARGO_MANIFEST_DIR"), "/../third_party")]).unwrap();
    compiler.include_imports(true);
    for domain in std::fs::read_dir(format!("{root}/shopmesh")).unwrap() {
        for file in std::fs::read_dir(domain.unwrap().path().join("v1")).unwrap() {
            compiler.open_file(file.unwrap().path()).unwrap();
        }
    }
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap()
});

/// Their codec.
pub fn contracts() -> &'static JsonCodec {
    static CODEC: LazyLock<JsonCodec> = LazyLock::new(|| JsonCodec::new(&CONTRACTS).unwrap());
    &CODEC
}

fn codec() -> &'static JsonCodec {
    static CODEC: LazyLock<JsonCodec> = LazyLock::new(|| JsonCodec::new(&CORNER_CASES).unwrap());
    &CODEC
}

const ALL: &str = "corner.All";

fn parse(json: &str) -> Result<Vec<u8>> {
    parse_with(json, &ParseOptions::default())
}

fn parse_with(json: &str, options: &ParseOptions) -> Result<Vec<u8>> {
    let mut wire = Vec::new();
    codec().from_json(ALL, json.as_bytes(), options, &mut wire).map(|()| wire)
}

fn print(wire: &[u8]) -> Result<String> {
    print_with(ALL, wire, &PrintOptions::default())
}

fn print_with(name: &str, wire: &[u8], options: &PrintOptions) -> Result<String> {
    let mut json = Vec::new();
    codec().to_json(name, wire, options, &mut json)?;
    let text = String::from_utf8(json).unwrap();
    // Whatever is printed is JSON for others too.
    serde_json::from_str::<Value>(&text).unwrap();
    Ok(text)
}

#[test]
fn colliding_names_are_refused_when_the_tables_are_made() {
    let file = prost_types::FileDescriptorProto {
        name: Some("collide.proto".into()),
        syntax: Some("proto3".into()),
        message_type: vec![prost_types::DescriptorProto {
            name: Some("M".into()),
            field: [("a_b", 1), ("x", 2)]
                .map(|(name, number)| prost_types::FieldDescriptorProto {
                    name: Some(name.into()),
                    json_name: Some("aB".into()),
                    number: Some(number),
                    label: Some(1),
                    r#type: Some(9),
                    ..Default::default()
                })
                .to_vec(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let mut pool = DescriptorPool::new();
    // The descriptors' own reader may refuse it before the codec does.
    if pool.add_file_descriptor_proto(file).is_ok() {
        assert_eq!(JsonCodec::new(&pool).unwrap_err().path(), "M.aB");
    }
}

#[test]
fn single_fields_stand_alone() {
    let id = codec().message(ALL).unwrap();
    let wire = parse(r#"{"texts": ["a"], "int64": "5", "inner": {"text": "x"}}"#).unwrap();
    let field = |name: &str| {
        let mut out = Vec::new();
        codec().print_field(id, name, &wire, &PrintOptions::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(field("texts"), r#"["a"]"#);
    assert_eq!(field("int64"), r#""5""#);
    assert_eq!(field("inner"), r#"{"text":"x"}"#);
    assert_eq!(
        (field("bool"), field("numbers"), field("value")),
        ("false".into(), "[]".into(), "null".into())
    );

    let set = |name: &str, json: &str| {
        let mut out = Vec::new();
        codec().parse_field(id, name, json.as_bytes(), &ParseOptions::default(), &mut out)?;
        print(&out)
    };
    assert_eq!(set("texts", r#"["a", "b"]"#).unwrap(), r#"{"texts":["a","b"]}"#);
    assert_eq!(set("int64", "7").unwrap(), r#"{"int64":"7"}"#);
    assert_eq!(set("inner", r#"{"text": 1}"#).unwrap_err().path(), "inner.text");
    assert!(set("int64", "7 8").unwrap_err().problem().contains("end of the text"));
}

#[test]
fn lists_are_cut_into_their_elements() {
    let elements = list_elements(br#" [ {"a": [1, "]"]} , 2, "x\"," ] "#).unwrap();
    let elements: Vec<_> = elements.iter().map(|text| std::str::from_utf8(text).unwrap()).collect();
    assert_eq!(elements, [r#"{"a": [1, "]"]}"#, "2", r#""x\",""#]);
    for bad in ["{}", "[1,]", "[1] 2", "[1"] {
        assert!(list_elements(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn a_status_keeps_every_detail() {
    use prost::{Message as _, Name as _};
    let any = |name: &str, value: Vec<u8>| prost_types::Any {
        type_url: format!("type.googleapis.com/{name}"),
        value,
    };
    let info =
        crate::google::rpc::ErrorInfo { reason: "R".into(), domain: "shopmesh".into(), ..Default::default() };
    let details = vec![
        any(&crate::google::rpc::ErrorInfo::full_name(), info.encode_to_vec()),
        any(ALL, parse(r#"{"int32": 5}"#).unwrap()),
        any("x.Unknown", vec![1, 2]),
        any(ALL, vec![0xff]),
    ];
    let status = crate::google::rpc::Status { code: 3, message: "m\n".into(), details };
    let printed: Value =
        serde_json::from_slice(&codec().status_to_json(&status, &PrintOptions::default())).unwrap();
    assert_eq!(
        printed,
        serde_json::json!({"code": 3, "message": "m\n", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "shopmesh"},
            {"@type": "type.googleapis.com/corner.All", "int32": 5},
            {"@type": "type.googleapis.com/x.Unknown", "value": "AQI="},
            {"@type": "type.googleapis.com/corner.All", "value": "/w=="},
        ]})
    );
}
