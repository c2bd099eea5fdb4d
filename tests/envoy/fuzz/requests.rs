//! Random requests of the contracts' REST forms: mostly good, with values at the borders, and now and then with a fault.

use bytes::Bytes;
use http::{Method, Request};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use shopmesh_proto::policy::{HttpBinding, MethodPolicy};

use crate::{envoy::rest, support::noise::Noise};

/// A request of an RPC.
pub fn request(policy: &MethodPolicy, input: &MessageDescriptor, noise: &mut Noise) -> Request<Bytes> {
    let binding = &policy.http[0];
    let mut body = message(input, noise, 0);
    set_variables(binding, &mut body, noise);
    let mut request = rest::request(binding, &body);
    if noise.once_in(3) {
        fault(&mut request, input, noise);
    }
    request
}

/// Segments of paths, as they stand there.
const SEGMENTS: &[&str] = &[
    "x",
    "prd_00000000000000000000000001",
    "a.b",
    "a%20b",
    "a+b",
    "a%2Fb",
    "a%2fb",
    "%41",
    "%e2%98%83",
    "a:b",
    "a%3Ab",
    "-",
    "~",
    "a,b",
    "a;b=c",
    "a@b",
    "%25",
    "%2525",
    "%2e",
    "a=b",
    "*",
    "%7Bx%7D",
    "$",
    "(a)",
    "'",
    "%22",
    "!",
];

/// Gives each variable of the path a text that its template takes.
fn set_variables(binding: &HttpBinding, body: &mut Value, noise: &mut Noise) {
    for part in binding.template.split('{').skip(1) {
        let variable = part.split('}').next().unwrap();
        let (field, pattern) = variable.split_once('=').unwrap_or((variable, "*"));
        let text: Vec<&str> =
            pattern.split('/').map(|part| if part == "*" { noise.pick(SEGMENTS) } else { part }).collect();
        let mut place = &mut *body;
        for name in field.split('.') {
            if !place[name].is_object() {
                place[name] = json!({});
            }
            place = &mut place[name];
        }
        *place = json!(text.join("/"));
    }
}

/// A message as JSON. Deeper ones have fewer fields.
fn message(kind: &MessageDescriptor, noise: &mut Noise, depth: usize) -> Value {
    let mut fields = Map::new();
    for field in kind.fields() {
        if !noise.once_in(2 + depth) || field.containing_oneof().is_some() {
            continue;
        }
        let name = if noise.once_in(8) { field.name() } else { field.json_name() };
        let value = if field.is_list() {
            (0..noise.below(3)).map(|_| value(&field, noise, depth)).collect()
        } else {
            value(&field, noise, depth)
        };
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}

fn value(field: &FieldDescriptor, noise: &mut Noise, depth: usize) -> Value {
    if noise.once_in(24) {
        // Of a type that is mostly wrong.
        return [json!(null), json!(true), json!(1), json!("x"), json!([]), json!({})][noise.below(6)]
            .clone();
    }
    match field.kind() {
        Kind::Bool => json!(noise.once_in(2)),
        Kind::String => json!(noise.pick(&[
            "",
            "x",
            "tea & coffee",
            "caf\u{e9} \u{2615}\u{1f375}",
            "a\"b\\c/d",
            "line\nbreak\ttab",
            "\u{7f}\u{80}",
            "a=b;c&d+e%20f",
            "{}",
            "0",
        ])),
        Kind::Enum(kind) => {
            let values: Vec<_> = kind.values().collect();
            let value = &values[noise.below(values.len())];
            if noise.once_in(3) { json!(value.number()) } else { json!(value.name()) }
        }
        Kind::Message(kind) => match kind.full_name() {
            "google.protobuf.Timestamp" => json!(noise.pick(&[
                "2026-02-03T04:05:06Z",
                "2026-02-03T04:05:06.789Z",
                "1969-12-31T23:59:59.000000001Z",
                "2026-02-03T04:05:06+01:00",
                "2026-02-03",
                "2026-02-30T00:00:00Z",
                "9999-12-31T23:59:59.999999999Z",
                "10000-01-01T00:00:00Z",
                "",
            ])),
            "google.protobuf.Duration" => json!(noise.pick(&[
                "0s",
                "1s",
                "1.5s",
                "-0.000000001s",
                "315576000000s",
                "315576000001s",
                "1",
                "1m",
                ""
            ])),
            "google.protobuf.FieldMask" => {
                json!(noise.pick(&["", "title", "title,description", "displayName", "a.b", "aB.cD,e", "a_b"]))
            }
            _ => message(&kind, noise, depth + 1),
        },
        _ => {
            let numbers = [
                "0",
                "1",
                "-1",
                "7",
                "2147483647",
                "-2147483648",
                "2147483648",
                "9007199254740993",
                "9223372036854775807",
                "1.0",
                "1e2",
                "1.5",
            ];
            let text = noise.pick(&numbers);
            if noise.once_in(3) { json!(text) } else { serde_json::from_str(text).unwrap() }
        }
    }
}

/// Does one thing that a good client does not do.
fn fault(request: &mut Request<Bytes>, input: &MessageDescriptor, noise: &mut Noise) {
    match noise.below(4) {
        0 => {
            let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
            *request.method_mut() = methods[noise.below(5)].clone();
        }
        1 => bad_body(request, noise),
        2 => {
            let fields: Vec<_> = input.fields().collect();
            let name = match fields.len() {
                0 => "nothing",
                count if noise.once_in(2) => fields[noise.below(count)].json_name(),
                _ => noise.pick(&["nothing", "name", "pageSize", "updateMask", "a.b", "%6eame", "requestId"]),
            };
            let value = noise.pick(&[
                "1", "x", "true", "", "%00", "%ff", "%", "+", "%2B", "a%20b", "1&x", "null", "%22x%22", "1.5",
            ]);
            retarget(request, |target| {
                let mark = if target.contains('?') { '&' } else { '?' };
                format!("{target}{mark}{name}={value}")
            });
        }
        _ => {
            let piece = noise.pick(&[
                "/", "//", "/.", "/..", "/../x", "%2F", ":", ":x", ":publish", "%", "%00", "%3A", ";a", ".",
                "\\", "%5C", "/x",
            ]);
            retarget(request, |target| {
                let path = target.split('?').next().unwrap();
                target.replacen(path, &format!("{path}{piece}"), 1)
            });
        }
    }
}

fn bad_body(request: &mut Request<Bytes>, noise: &mut Noise) {
    let mut body = request.body().to_vec();
    if body.is_empty() {
        body = noise.pick(&["{}", "x", "{\"name\": \"products/x\"}", " ", "null"]).into();
    } else {
        let at = noise.below(body.len());
        match noise.below(3) {
            0 => body.truncate(at),
            1 => body.insert(at, noise.pick(&["{", "}", "\"", ",", ":", "0", " ", "\\"]).as_bytes()[0]),
            _ => body[at] = u8::try_from(noise.below(256)).unwrap(),
        }
    }
    *request.body_mut() = body.into();
}

fn retarget(request: &mut Request<Bytes>, change: impl Fn(&str) -> String) {
    let target = change(request.uri().path_and_query().unwrap().as_str());
    *request.uri_mut() = format!("http://{}{target}", crate::support::http::AUTHORITY).parse().unwrap();
}
