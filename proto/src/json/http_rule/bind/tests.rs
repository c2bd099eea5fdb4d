use super::*;
use crate::json::{
    PrintOptions,
    http_rule::{Lookup, RouteTable},
    to_json, to_wire,
};
use serde_json::json;

fn request(method: &str, target: &str, body: &str) -> Result<serde_json::Value, BindError> {
    let services = [
        "orders.v1.CartService",
        "orders.v1.OrderService",
        "identity.v1.UserService",
        "catalog.v1.ProductService",
    ];
    let services = services.map(|name| format!("shopmesh.{name}"));
    let table = RouteTable::new(crate::descriptor_pool(), &services).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Lookup::Found(route, captures) = table.find(method, path) else { panic!("{target}") };
    let message = bind(route, Bindings { path: &captures, query, body: body.as_bytes() })?;
    let printed = to_json(&route.method.input(), &to_wire(&message), PrintOptions::default()).unwrap();
    Ok(serde_json::from_slice(&printed).unwrap())
}

#[test]
fn path_query_and_body_form_one_message() {
    assert_eq!(request("GET", "/v1/orders/1", "").unwrap(), json!({"name": "orders/1"}));
    assert_eq!(
        request("GET", "/v1/orders?page_size=3&pageToken=a%2Bb+c", "").unwrap(),
        json!({"pageSize": 3, "pageToken": "a+b c"})
    );
    let found =
        request("GET", "/v1/products:search?query=x&brands=a&brands=b&orderBy=SEARCH_ORDER_PRICE_ASC", "")
            .unwrap();
    assert_eq!(found, json!({"query": "x", "brands": ["a", "b"], "orderBy": "SEARCH_ORDER_PRICE_ASC"}));
    let update =
        request("PATCH", "/v1/users/me?updateMask=displayName", r#"{"displayName": "Ada"}"#).unwrap();
    assert_eq!(
        update,
        json!({"user": {"name": "users/me", "displayName": "Ada"}, "updateMask": "displayName"})
    );
    assert_eq!(request("POST", "/v1/orders/1:cancel", " ").unwrap(), json!({"name": "orders/1"}));
}

#[test]
fn what_the_path_says_cannot_be_overridden() {
    assert_eq!(request("GET", "/v1/orders/1?name=orders/2", "").unwrap_err().field, "name");
    assert_eq!(request("POST", "/v1/carts/1:addLines", r#"{"cart": "carts/2"}"#).unwrap_err().field, "cart");
    assert!(request("POST", "/v1/carts/1:addLines", r#"{"cart": "carts/1"}"#).is_ok());
    assert_eq!(request("PATCH", "/v1/users/me", r#"{"name": "users/2"}"#).unwrap_err().field, "user.name");
    // A rule without a body has no body.
    assert_eq!(
        request("GET", "/v1/orders/1", r#"{"name": "orders/2"}"#).unwrap(),
        json!({"name": "orders/1"})
    );
}

#[test]
fn parameters_that_do_not_fit_are_named() {
    for (target, field) in [
        ("/v1/orders?nonsense=1", "nonsense"),
        ("/v1/orders?page_size=many", "page_size"),
        ("/v1/orders?page_size=%2B1", "page_size"),
        ("/v1/orders?page_size.x=1", "page_size.x"),
        ("/v1/products:search?orderBy=SIDEWAYS", "orderBy"),
    ] {
        assert_eq!(request("GET", target, "").unwrap_err().field, field, "{target}");
    }
    assert_eq!(request("POST", "/v1/carts/1:addLines?etag=x", "{}").unwrap_err().field, "etag");
}
