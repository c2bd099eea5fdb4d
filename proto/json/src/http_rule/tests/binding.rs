//! What becomes of path, query and body.

use serde_json::json;

use crate::{
    MessageId, ParseOptions, PrintOptions,
    http_rule::*,
    tests::{CONTRACTS, contracts},
};

const SERVICES: [&str; 4] = [
    "orders.v1.CartService",
    "orders.v1.OrderService",
    "identity.v1.UserService",
    "catalog.v1.ProductService",
];

fn table() -> RouteTable<(MessageId, Binding)> {
    let codec = contracts();
    let mut table = RouteTable::new(false);
    for name in SERVICES {
        let service = CONTRACTS.get_service_by_name(&format!("shopmesh.{name}")).unwrap();
        for method in service.methods() {
            let input = codec.message(method.input().full_name()).unwrap();
            let output = codec.message(method.output().full_name()).unwrap();
            for rule in http_rules(&method).unwrap() {
                let binding = Binding::compile(codec, &rule, input, output).unwrap();
                table.insert(&rule.method, rule.template, method.full_name(), (input, binding)).unwrap();
            }
        }
    }
    table
}

fn with(
    options: &BindingOptions,
    method: &str,
    target: &str,
    body: &str,
) -> Result<serde_json::Value, RequestError> {
    let codec = contracts();
    let table = table();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Lookup::Found(Found { target: (input, binding), variables }) = table.find(method, path) else {
        panic!("{target}")
    };
    let bound = binding.bind(codec, &variables, query, options)?;
    let mut wire = Vec::new();
    binding.message(codec, &bound, body.as_bytes(), options, &mut wire)?;
    let mut json = Vec::new();
    codec.print(*input, &wire, &PrintOptions::default(), &mut json).unwrap();
    Ok(serde_json::from_slice(&json).unwrap())
}

fn strict() -> BindingOptions {
    BindingOptions {
        unknown_query: UnknownQuery::Refuse,
        refuse_collisions: true,
        ..BindingOptions::default()
    }
}

fn request(method: &str, target: &str, body: &str) -> serde_json::Value {
    with(&strict(), method, target, body).unwrap()
}

fn refused(method: &str, target: &str, body: &str) -> String {
    match with(&strict(), method, target, body).unwrap_err() {
        RequestError::Invalid(violations) => violations[0].0.clone(),
        other @ RequestError::NotOurs(_) => panic!("{target}: {other:?}"),
    }
}

#[test]
fn path_query_and_body_form_one_message() {
    assert_eq!(request("GET", "/v1/orders/1", ""), json!({"name": "orders/1"}));
    assert_eq!(
        request("GET", "/v1/orders?page_size=3&pageToken=a%2Bb+c&&x", ""),
        json!({"pageSize": 3, "pageToken": "a+b+c"})
    );
    let target = "/v1/products:search?query=x&brands=a&brands=b&orderBy=SEARCH_ORDER_PRICE_ASC";
    let search = json!({"query": "x", "brands": ["a", "b"], "orderBy": "SEARCH_ORDER_PRICE_ASC"});
    assert_eq!(request("GET", target, ""), search);
    assert_eq!(
        request("PATCH", "/v1/users/me?updateMask=displayName", r#"{"displayName": "Ada"}"#),
        json!({"user": {"name": "users/me", "displayName": "Ada"}, "updateMask": "displayName"})
    );
    assert_eq!(request("POST", "/v1/orders/1:cancel", ""), json!({"name": "orders/1"}));
    assert_eq!(request("POST", "/v1/orders/1:cancel", " {}\n"), json!({"name": "orders/1"}));
    // No body is an empty object, also for a field; null is a field that is not set.
    assert_eq!(request("POST", "/v1/products", ""), json!({"product": {}}));
    assert_eq!(request("POST", "/v1/products", "null"), json!({}));
    let plus = BindingOptions { plus_is_space: true, ..strict() };
    assert_eq!(
        with(&plus, "GET", "/v1/products:search?query=a%2Bb+c", "").unwrap(),
        json!({"query": "a+b c"})
    );
}

#[test]
fn nothing_overrides_the_path() {
    assert_eq!(refused("GET", "/v1/orders/1?name=orders/2", ""), "name");
    assert_eq!(refused("POST", "/v1/carts/1:addLines", r#"{"cart": "carts/2"}"#), "cart");
    assert_eq!(refused("PATCH", "/v1/users/me", r#"{"name": "users/2"}"#), "user.name");
    assert_eq!(refused("GET", "/v1/orders/1", r#"{"name": "orders/2"}"#), "");
    // The same value twice is no conflict.
    assert_eq!(request("POST", "/v1/carts/1:addLines", r#"{"cart": "carts/1"}"#), json!({"cart": "carts/1"}));

    // By default the body may say otherwise; the path wins.
    let lenient = BindingOptions::default();
    assert_eq!(
        with(&lenient, "POST", "/v1/carts/1:addLines", r#"{"cart": "carts/2"}"#).unwrap(),
        json!({"cart": "carts/1"})
    );
    assert_eq!(
        with(&lenient, "PATCH", "/v1/users/me", r#"{"name": "users/2", "locale": "en"}"#).unwrap(),
        json!({"user": {"name": "users/me", "locale": "en"}})
    );
}

#[test]
fn nothing_that_the_query_says_is_lost_in_silence() {
    fn bound(method: &str, target: &str, body: &str) -> Result<serde_json::Value, RequestError> {
        with(&BindingOptions::default(), method, target, body)
    }
    fn refused(method: &str, target: &str, body: &str) -> String {
        match bound(method, target, body) {
            Err(RequestError::Invalid(violations)) => violations[0].0.clone(),
            other => panic!("{target}: {other:?}"),
        }
    }
    // What the body leaves out, the query may give, and both may say the same.
    let add = "/v1/carts/1:addLines";
    let expected = json!({"cart": "carts/1", "requestId": "x"});
    for (query, body) in
        [("requestId=x", "{}"), ("requestId=x", ""), ("requestId=x", r#"{"requestId": "x"}"#)]
    {
        assert_eq!(bound("POST", &format!("{add}?{query}"), body), Ok(expected.clone()), "{query} {body}");
    }
    let update = json!({"user": {"name": "users/me", "locale": "en", "displayName": "Ada"}});
    assert_eq!(bound("PATCH", "/v1/users/me?user.displayName=Ada", r#"{"locale": "en"}"#), Ok(update));
    // What they contradict is refused, whatever the options.
    assert_eq!(refused("POST", "/v1/carts/1:addLines?requestId=x", r#"{"requestId": "y"}"#), "requestId");
    assert_eq!(refused("PATCH", "/v1/users/me?user.locale=de", r#"{"locale": "en"}"#), "user.locale");
    assert_eq!(refused("PATCH", "/v1/users/me?user.name=users/3", "{}"), "user.name");
    assert_eq!(refused("GET", "/v1/orders/1?name=orders/2", ""), "name");
    assert_eq!(refused("GET", "/v1/orders?pageSize=1&page_size=2", ""), "page_size");
    assert_eq!(refused("GET", "/v1/orders/1", r#"{"name": "orders/2"}"#), "");
    assert_eq!(bound("GET", "/v1/orders/1?name=orders/1", ""), Ok(json!({"name": "orders/1"})));
}

#[test]
fn parameters_that_do_not_fit_are_named() {
    for (target, field) in [
        ("/v1/orders?nonsense=1", "nonsense"),
        ("/v1/orders?page_size=many", "pageSize"),
        ("/v1/orders?page_size=%2B1", "pageSize"),
        ("/v1/orders?page_size=1.0", "pageSize"),
        ("/v1/orders?page_size=1e2", "pageSize"),
        ("/v1/orders?page_size=1&pageSize=2", "pageSize"),
        ("/v1/orders?pageSize=1&pageSize=1", "pageSize"),
        ("/v1/orders?page_size.x=1", "page_size.x"),
        ("/v1/orders?pageToken=%ff", "pageToken"),
        ("/v1/orders?pageToken=%00", "pageToken"),
        ("/v1/orders?pageToken=%4", "pageToken"),
        ("/v1/products:search?orderBy=SIDEWAYS", "orderBy"),
        ("/v1/orders/a%00", "name"),
        ("/v1/orders/%zz", "name"),
    ] {
        assert_eq!(refused("GET", target, ""), field, "{target}");
    }
    assert_eq!(refused("POST", "/v1/carts/1:addLines?requestId=x", "{}"), "requestId");
    assert_eq!(refused("POST", "/v1/carts/1:addLines", " "), "");
    let body = r#"{"lines": [{"quantity": "x"}]}"#;
    assert_eq!(refused("POST", "/v1/carts/1:addLines", body), "lines[0].quantity");
    let many = format!("/v1/products:search?{}", "brands=a&".repeat(101));
    assert_eq!(refused("GET", &many, ""), "brands");
    let many = format!("/v1/products:search?{}", "zz=a&".repeat(1001));
    assert_eq!(refused("GET", &many, ""), "");
}

#[test]
fn unknown_parameters_are_treated_as_configured() {
    let unknown = |unknown_query| {
        let options = BindingOptions { unknown_query, ..BindingOptions::default() };
        with(&options, "GET", "/v1/orders?nonsense=1", "")
    };
    assert_eq!(unknown(UnknownQuery::NotOurs), Err(RequestError::NotOurs("nonsense".into())));
    assert_eq!(unknown(UnknownQuery::Ignore), Ok(json!({})));
    assert!(matches!(unknown(UnknownQuery::Refuse), Err(RequestError::Invalid(_))));
    let ignored = BindingOptions { ignored_query_parameters: ["key".to_owned()].into(), ..strict() };
    assert_eq!(with(&ignored, "GET", "/v1/orders?key=1", ""), Ok(json!({})));
}

#[test]
fn escapes_of_several_segments_are_decoded_as_configured() {
    let name = |unescape, target: &str| {
        let options = BindingOptions { unescape, ..strict() };
        with(&options, "GET", target, "").unwrap()["name"].as_str().unwrap().to_owned()
    };
    let target = "/v1/orders/a%2Fb%20c%2B";
    assert_eq!(name(Unescape::AllExceptReserved, target), "orders/a%2Fb c%2B");
    assert_eq!(name(Unescape::AllExceptSlash, target), "orders/a%2Fb c+");
    assert_eq!(name(Unescape::All, target), "orders/a/b c+");
}

#[test]
fn rules_that_do_not_fit_their_messages_are_refused() {
    let codec = contracts();
    let message = |name: &str| codec.message(&format!("shopmesh.orders.v1.{name}")).unwrap();
    let compile = |template: &str, body: BodyUse, response_body: Option<&str>| {
        let rule = HttpRule {
            method: "POST".into(),
            template: Template::parse(template).unwrap(),
            body,
            response_body: response_body.map(str::to_owned),
        };
        Binding::compile(codec, &rule, message("AddLinesRequest"), message("Cart"))
    };
    assert!(compile("/{cart}", BodyUse::Field("lines".into()), Some("lines")).is_ok());
    assert!(compile("/{nothing}", BodyUse::None, None).is_err());
    assert!(compile("/{lines}", BodyUse::None, None).is_err());
    assert!(compile("/{lines.variant}", BodyUse::None, None).is_err());
    assert!(compile("/x", BodyUse::Field("nothing".into()), None).is_err());
    assert!(compile("/x", BodyUse::Field("cart.x".into()), None).is_err());
    assert!(compile("/x", BodyUse::None, Some("nothing")).is_err());
}

#[test]
fn a_body_may_be_a_list_or_a_scalar() {
    let codec = contracts();
    let input = codec.message("shopmesh.orders.v1.AddLinesRequest").unwrap();
    let rule = |field: &str| HttpRule {
        method: "POST".into(),
        template: Template::parse("/x").unwrap(),
        body: BodyUse::Field(field.into()),
        response_body: None,
    };
    let bind = |field: &str, body: &str| {
        let binding = Binding::compile(codec, &rule(field), input, input).unwrap();
        let options = BindingOptions { parse: ParseOptions::default(), ..strict() };
        let mut wire = Vec::new();
        binding.message(codec, &Bound::default(), body.as_bytes(), &options, &mut wire).unwrap();
        let mut json = Vec::new();
        codec.print(input, &wire, &PrintOptions::default(), &mut json).unwrap();
        String::from_utf8(json).unwrap()
    };
    assert_eq!(bind("cart", r#""carts/1""#), r#"{"cart":"carts/1"}"#);
    assert_eq!(bind("lines", r#"[{"variant": "v"}]"#), r#"{"lines":[{"variant":"v"}]}"#);
}
