use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use super::*;

fn rendered() -> Value {
    serde_json::from_str(&render()).unwrap()
}

/// An operation by its path and method.
fn operation(path: &str, method: &str) -> Value {
    let operation = rendered()["paths"][path][method].clone();
    assert!(operation.is_object(), "{method} {path}");
    operation
}

fn body(operation: &Value) -> &Value {
    &operation["requestBody"]["content"]["application/json"]["schema"]
}

/// Every value below a key of this name.
fn all<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == key {
                    found.push(value);
                }
                all(value, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

#[test]
fn every_public_rest_form_is_described_once() {
    let document = rendered();
    let items = document["paths"].as_object().unwrap().values();
    let operations: Vec<&Value> = items.flat_map(|item| item.as_object().unwrap().values()).collect();
    let described: BTreeSet<_> =
        operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(described.len(), operations.len(), "an operationId is used twice");
    let rpcs: BTreeSet<_> =
        operations.iter().map(|operation| operation["x-shopmesh-rpc"].as_str().unwrap()).collect();
    let public = || PolicyTable::global().methods().filter(|method| method.is_rest());
    assert_eq!(rpcs, public().map(|method| method.path.trim_start_matches('/')).collect());
    assert_eq!(operations.len(), public().map(|method| method.http.len()).sum::<usize>());
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = rendered();
    let mut references = Vec::new();
    all(&document, "$ref", &mut references);
    let references: BTreeSet<_> =
        references.into_iter().map(|reference| reference.as_str().unwrap()).collect();
    for reference in &references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(
                references.contains(format!("#/components/{kind}/{name}").as_str()),
                "{name} is not used"
            );
        }
    }
}

#[test]
fn every_pattern_is_one() {
    let document = rendered();
    let mut patterns = Vec::new();
    all(&document, "pattern", &mut patterns);
    assert!(patterns.len() > 100);
    for pattern in patterns {
        let pattern = pattern.as_str().unwrap();
        assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{pattern}");
        Regex::new(pattern).unwrap();
    }
}

#[test]
fn names_of_resources_become_parameters() {
    let get = operation("/v1/users/{user}/addresses/{address}", "get");
    let [user, address] = get["parameters"].as_array().unwrap().as_slice() else { panic!("{get}") };
    assert_eq!(user["schema"]["pattern"], "^(usr_[0-9A-HJKMNP-TV-Z]{26}|me)$");
    assert_eq!(address["schema"]["pattern"], "^adr_[0-9A-HJKMNP-TV-Z]{26}$");
    let update = operation("/v1/products/{product}", "patch");
    assert_eq!(update["parameters"][0]["schema"]["pattern"], "^prd_[0-9A-HJKMNP-TV-Z]{26}$");
    // What the path says, the body does not repeat.
    assert!(body(&update)["properties"].get("name").is_none());
    assert_eq!(update["parameters"][1]["name"], "updateMask");
}

#[test]
fn a_body_says_what_validation_asks() {
    let checkout = operation("/v1/carts/{cart}:checkout", "post");
    assert_eq!(body(&checkout)["required"], json!(["paymentToken", "shippingAddress", "requestId"]));
    let properties = &body(&checkout)["properties"];
    assert_eq!(properties["requestId"]["format"], "uuid");
    assert_eq!(properties["etag"]["type"], json!(["string", "null"]));
    assert_eq!(
        (&properties["etag"]["maxLength"], &properties["paymentToken"]["minLength"]),
        (&json!(64), &json!(1))
    );
    let secret = &properties["paymentToken"];
    assert_eq!((&secret["writeOnly"], &secret["format"]), (&json!(true), &json!("password")));

    let line = &rendered()["components"]["schemas"]["orders.v1.LineItemInput"];
    assert_eq!(line["required"], json!(["variant", "quantity"]));
    let quantity = &line["properties"]["quantity"];
    assert_eq!(quantity["type"], json!(["integer", "string"]));
    assert_eq!((&quantity["minimum"], &quantity["maximum"]), (&json!(1), &json!(10000)));
    // What only answers hold is no part of a request.
    let product = &rendered()["paths"]["/v1/products"]["post"];
    let schema = body(product)["$ref"].as_str().unwrap().trim_start_matches('#').to_owned();
    let document = rendered();
    let properties = &document.pointer(&schema).unwrap()["properties"];
    assert!(properties.get("title").is_some() && properties.get("createTime").is_none());
    // An address is shown again: nothing to hide from its owner.
    let address = &rendered()["components"]["schemas"]["orders.v1.ShippingAddressInput"];
    assert!(address["properties"]["recipient"].get("writeOnly").is_none());
}

#[test]
fn an_answer_says_what_is_printed() {
    let document = rendered();
    let schemas = &document["components"]["schemas"];
    let line = &schemas["orders.v1.CartLine"];
    assert_eq!(line["properties"]["quantity"]["type"], "string");
    let required = line["required"].as_array().unwrap();
    assert!(required.contains(&json!("quantity")), "zero is printed");
    assert!(!required.contains(&json!("unitPrice")), "a message that is not set is not");
    assert_eq!(
        schemas["orders.v1.Cart"]["properties"]["state"]["$ref"],
        "#/components/schemas/orders.v1.CartState"
    );
    assert_eq!(schemas["orders.v1.CartState"]["enum"][0], "CART_STATE_UNSPECIFIED");
    assert_eq!(schemas["orders.v1.Cart"]["properties"]["createTime"]["format"], "date-time");
}

#[test]
fn errors_and_security_follow_from_the_policy() {
    let statuses = |operation: &Value| {
        let responses = operation["responses"].as_object().unwrap();
        responses.keys().map(|status| status.parse().unwrap()).collect::<Vec<u16>>()
    };
    let health = operation("/health", "get");
    assert_eq!(statuses(&health), [200, 400, 401, 413, 414, 415, 431, 500, 502, 503, 504]);
    assert_eq!(health["security"], json!([{}, {"accessToken": []}]));
    let cancel = operation("/v1/orders/{order}:cancel", "post");
    assert_eq!(
        statuses(&cancel),
        [200, 400, 401, 403, 404, 409, 413, 414, 415, 429, 431, 500, 502, 503, 504]
    );
    assert_eq!(cancel["security"], json!([{"accessToken": []}]));
    assert_eq!(cancel["x-shopmesh-retry"], "keyed");
    assert_eq!(cancel["x-shopmesh-allow"][0], json!({"who": "shopper", "scope": "owner"}));
}

#[test]
fn streams_and_bodies_have_their_media_types() {
    let types = |operation: &Value| {
        let content = operation["responses"]["200"]["content"].as_object().unwrap();
        content.keys().cloned().collect::<Vec<_>>()
    };
    let watch = operation("/v1/checkouts/{checkout}:watch", "get");
    assert_eq!(types(&watch), ["application/json", "application/x-ndjson", "text/event-stream"]);
    let assets = types(&operation("/assets/{asset}", "get"));
    assert!(
        ["text/css", "text/javascript", "font/woff2"].iter().all(|kind| assets.iter().any(|has| has == kind))
    );
    assert_eq!(types(&operation("/.well-known/jwks.json", "get")), ["application/jwk-set+json"]);
}
