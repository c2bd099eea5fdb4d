//! The REST form of a call, from its rule in the contract and its message as JSON.

use bytes::Bytes;
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use shopmesh_proto::policy::HttpBinding;

/// Path variables, body and query as the rule shares them out.
pub fn request(binding: &HttpBinding, message: &Value) -> Request<Bytes> {
    let (mut left, mut target, mut template) = (message.clone(), String::new(), binding.template.as_str());
    while let Some((before, after)) = template.split_once('{') {
        let (variable, after) = after.split_once('}').unwrap();
        let field = variable.split('=').next().unwrap();
        let value = take(&mut left, field).unwrap_or_else(|| panic!("no {field} in {message}"));
        target.extend([before, value.as_str().unwrap()]);
        template = after;
    }
    target.push_str(template);
    let body = match binding.body.as_str() {
        "" => None,
        "*" => Some(left.take()),
        field => take(&mut left, field),
    };
    let mut query = Vec::new();
    parameters("", &left, &mut query);
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    let mut request = crate::support::http::request(&binding.verb, &target);
    if let Some(body) = body {
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        *request.body_mut() = body.to_string().into();
    }
    request
}

/// Takes a field, such as `product.name`, out of a message.
fn take(message: &mut Value, field: &str) -> Option<Value> {
    let (first, rest) = field.split_once('.').unwrap_or((field, ""));
    let (object, name) = (message.as_object_mut()?, json_name(first));
    if rest.is_empty() { object.remove(&name) } else { take(object.get_mut(&name)?, rest) }
}

/// `order_line` to `orderLine`.
fn json_name(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

fn parameters(name: &str, value: &Value, query: &mut Vec<String>) {
    let text = match value {
        Value::Null => return,
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                parameters(&name, value, query);
            }
            return;
        }
        Value::Array(items) => return items.iter().for_each(|item| parameters(name, item, query)),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    query.push(format!("{name}={}", utf8_percent_encode(&text, NON_ALPHANUMERIC)));
}
