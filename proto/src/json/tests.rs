use super::*;
use proptest::prelude::*;
use prost::Name;
use serde_json::{Value, json};

fn message(name: &str) -> MessageDescriptor {
    crate::descriptor_pool().get_message_by_name(name).unwrap()
}

fn round_trip(name: &str, json: &Value) -> Value {
    let message = message(name);
    let wire = to_wire(&from_json(&message, json.to_string().as_bytes()).unwrap());
    serde_json::from_slice(&to_json(&message, &wire, PrintOptions::default()).unwrap()).unwrap()
}

fn refused(name: &str, json: &str) -> JsonError {
    from_json(&message(name), json.as_bytes()).unwrap_err()
}

const ADD_LINES: &str = "shopmesh.orders.v1.AddLinesRequest";

#[test]
fn numbers_names_and_enums_are_read_in_both_forms() {
    let printed = json!({"cart": "carts/1", "requestId": "r", "lines": [{"variant": "v", "quantity": "9007199254740993"}]});
    assert_eq!(round_trip(ADD_LINES, &printed), printed);
    let proto_names =
        json!({"cart": "carts/1", "request_id": "r", "lines": [{"variant": "v", "quantity": 3}]});
    assert_eq!(round_trip(ADD_LINES, &proto_names)["lines"][0]["quantity"], "3");
    let order = json!({"name": "orders/1", "state": 1, "createTime": "2026-01-02T03:04:05.6Z"});
    let printed = round_trip("shopmesh.orders.v1.Order", &order);
    assert_eq!(
        (&printed["state"], &printed["createTime"]),
        (&json!("ORDER_STATE_PLACED"), &json!("2026-01-02T03:04:05.600Z"))
    );
}

#[test]
fn defaults_are_printed_when_asked_for() {
    let options = PrintOptions { always_print_primitive_fields: true, ..PrintOptions::default() };
    let printed = to_json(&message("shopmesh.orders.v1.ListOrdersResponse"), &[], options).unwrap();
    let printed: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(printed, json!({"orders": [], "nextPageToken": ""}));
}

#[test]
fn what_does_not_fit_is_named_by_its_field() {
    assert_eq!(refused(ADD_LINES, r#"{"lines": [{"quantity": "many"}]}"#).field, "lines[0].quantity");
    assert_eq!(refused(ADD_LINES, r#"{"lines": [{"quantity": 1.5}]}"#).field, "lines[0].quantity");
    assert_eq!(refused(ADD_LINES, r#"{"cart": 1}"#).field, "cart");
    let bad = [
        "",
        "[]",
        "null1",
        "{",
        "{\"cart\": \"a\"} x",
        "{\"cart\": \"a\",}",
        "\u{feff}{}",
        "{'cart': 'a'}",
        r#"{"cart": "\ud800"}"#,
        r#"{"lines": [null]}"#,
        r#"{"lines": [{"quantity": 9223372036854775808}]}"#,
    ];
    for json in bad {
        refused(ADD_LINES, json);
    }
    refused(ADD_LINES, &"[".repeat(1_000_000));
    refused(ADD_LINES, &format!("{{\"x\": {}", "[".repeat(1_000_000)));
}

#[test]
fn the_last_of_equal_keys_counts() {
    let message = message(ADD_LINES);
    let read = from_json(&message, br#"{"requestId": "a", "request_id": "b"}"#).unwrap();
    assert_eq!(read.get_field_by_name("request_id").unwrap().as_str(), Some("b"));
}

#[test]
fn null_and_unknown_fields_are_nothing() {
    assert_eq!(round_trip(ADD_LINES, &json!({"cart": null, "nonsense": [1, {"a": 2}]})), json!({}));
}

#[test]
fn a_status_keeps_every_detail() {
    let any = |name: &str, value: Vec<u8>| prost_types::Any {
        type_url: format!("type.googleapis.com/{name}"),
        value,
    };
    let info =
        crate::google::rpc::ErrorInfo { reason: "R".into(), domain: "shopmesh".into(), ..Default::default() };
    let details = vec![
        any(&crate::google::rpc::ErrorInfo::full_name(), info.encode_to_vec()),
        any("x.Unknown", vec![1, 2]),
    ];
    let status = tonic_types::pb::Status { code: 3, message: "m".into(), details };
    let printed: Value = serde_json::from_slice(&status_to_json(&status)).unwrap();
    assert_eq!(
        printed,
        json!({"code": 3, "message": "m", "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "R", "domain": "shopmesh"},
            {"@type": "type.googleapis.com/x.Unknown", "value": "AQI="},
        ]})
    );
}

proptest! {
    #[test]
    fn any_text_and_number_survives(cart in "\\PC*", quantity in any::<i64>(), count in 0usize..4) {
        let lines: Vec<Value> = (0..count).map(|_| json!({"variant": cart, "quantity": quantity.to_string()})).collect();
        let json = json!({"cart": format!("c{cart}"), "lines": lines});
        let printed = round_trip(ADD_LINES, &json);
        prop_assert_eq!(&printed["cart"], &json["cart"]);
        let read = printed["lines"].as_array().map_or(0, Vec::len);
        prop_assert_eq!(read, count);
    }

    #[test]
    fn hostile_input_never_panics(json in ".*", wire in proptest::collection::vec(any::<u8>(), 0..200)) {
        let message = message(ADD_LINES);
        let _ = from_json(&message, json.as_bytes());
        let _ = to_json(&message, &wire, PrintOptions::default());
    }
}
