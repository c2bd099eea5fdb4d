//! What an answer says, whatever it is written in, and without what is never the same twice.

use std::io::Read;

use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderName, header::CONTENT_ENCODING};
use serde_json::{Value, json};

use crate::support::{grpc::Reply, http::Answer, json::from_wire};

/// How bodies are compared.
#[derive(Debug)]
pub enum Bodies {
    /// As they are: both edges showed the same thing.
    Exactly,
    /// Each edge made a thing of its own, of this type: what is never the same twice is masked.
    Alike(String),
}

/// An answer to compare.
pub struct View {
    pub body: Value,
    /// Headers as `header NAME` and trailers as `trailer NAME`, each in one text.
    pub named: Vec<(String, String)>,
    /// What the client is told about what is wrong; empty if nothing is.
    pub problem: String,
}

impl View {
    pub fn of(answer: &Answer, bodies: &Bodies) -> Self {
        let (body, trailers, problem) = if answer.is_grpc() {
            let reply = Reply::read(answer);
            let body = reply.messages.iter().map(|message| match bodies {
                Bodies::Exactly => json!(message),
                Bodies::Alike(kind) => masked(from_wire(kind, message).unwrap()),
            });
            (body.collect(), reply.trailers.clone(), reply.status().1)
        } else {
            let text = String::from_utf8_lossy(&decoded(answer)).into_owned();
            let body = match (serde_json::from_str(&text), bodies) {
                (Ok(body), Bodies::Alike(_)) => masked(body),
                (Ok(body), Bodies::Exactly) => body,
                (Err(_), _) => Value::String(text),
            };
            let problem =
                if answer.status.is_success() { "" } else { body["message"].as_str().unwrap_or_default() };
            let problem = problem.to_owned();
            (body, answer.trailers.clone(), problem)
        };
        let mut named = comparable("header", &answer.headers, answer.body.len());
        named.extend(comparable("trailer", &trailers, 0));
        Self { body, named, problem }
    }
}

/// The body without `content-encoding`: no two compressors write the same bytes.
fn decoded(answer: &Answer) -> Vec<u8> {
    if answer.headers.get(CONTENT_ENCODING).is_none_or(|coding| coding != "gzip") {
        return answer.body.to_vec();
    }
    let mut decoded = Vec::new();
    GzDecoder::new(&*answer.body).read_to_end(&mut decoded).unwrap();
    decoded
}

/// Fields whose value is new each time: times, tokens, and what the examples number.
const VOLATILE: &[&str] = &[
    "accessToken",
    "code",
    "createTime",
    "deliveryTime",
    "shipTime",
    "email",
    "etag",
    "expireTime",
    "key",
    "latency",
    "name",
    "number",
    "refreshToken",
    "roleBindings",
    "sku",
    "title",
    "updateTime",
    "uptime",
];

/// Puts the type in place of a volatile value, and nothing in place of an id.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let value = match value {
                    Value::String(text) if VOLATILE.contains(&name.as_str()) && !text.is_empty() => {
                        json!("a text")
                    }
                    Value::Array(_) if VOLATILE.contains(&name.as_str()) => json!("a list"),
                    other => masked(other),
                };
                (name, value)
            });
            fields.collect()
        }
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::String(text) => json!(without_ids(&text)),
        other => other,
    }
}

/// Cuts off what follows `prd_`, `crt_` and the like: 26 letters and digits (ULID).
fn without_ids(text: &str) -> String {
    let parts = text.split('/').map(|part| match part.split_once('_') {
        Some((kind, id)) if id.len() == 26 => kind,
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Headers by name, each in one text. The date is the clock's, a length follows from the body, which is compared by what it says, and
/// each edge numbers calls by itself.
pub fn comparable(kind: &str, headers: &HeaderMap, length: usize) -> Vec<(String, String)> {
    let text = |name: &HeaderName| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    let told = |name: &HeaderName| match (name.as_str(), text(name)) {
        ("date", _) => "a date".to_owned(),
        ("x-request-id" | "traceparent", _) => "a new one".to_owned(),
        ("content-length", value) if value == length.to_string() => "the length".to_owned(),
        (_, value) => value,
    };
    headers.keys().map(|name| (format!("{kind} {name}"), told(name))).collect()
}
