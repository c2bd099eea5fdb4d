//! Request bodies: JSON of every kind of wrong, and what is no JSON.

use super::{Facts, Scenario};

/// Sign-ins: a wrong one shows that the message arrived, by 401.
const SESSIONS: &str = "/v1/sessions";

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = [
        // Good JSON.
        r#"{"email": "a@b.cd", "password": "wrong"}"#,
        " \n\t{ \"email\" :\"a@b.cd\" , \"password\":\"wrong\"}\r\n",
        r#"{"\u0065mail": "a\u0040b.cd", "password": "wrong"}"#,
        r#"{"email": "a@b.cd", "password": "\ud83c\udf75"}"#,
        r#"{"email": "a@b.cd", "password": "wrong", "nonsense": {"a": [1, null, "x"]}}"#,
        r#"{"email": "a@b.cd", "password": null}"#,
        "{}",
        // Wrong types.
        "[]",
        "[1]",
        "1",
        "\"x\"",
        "null",
        "true",
        r#"{"email": 1}"#,
        r#"{"email": true}"#,
        r#"{"email": ["a@b.cd"]}"#,
        r#"{"email": {}}"#,
        // No JSON.
        "{",
        "}",
        "",
        " ",
        "nonsense",
        r#"{"email"}"#,
        r#"{"email": }"#,
        r#"{"email": "a@b.cd",}"#,
        r#"{"email": "a@b.cd" "password": "x"}"#,
        r#"{'email': 'a@b.cd'}"#,
        r#"{email: "a@b.cd"}"#,
        r#"{"email": "a@b.cd"} {}"#,
        r#"{"email": "a@b.cd"} x"#,
        "// x\n{}",
        "\u{feff}{}",
        r#"{"email": "a@b.cd", "email": "c@d.ef", "password": "wrong"}"#,
        r#"{"email": "\ud800"}"#,
        r#"{"email": "\x"}"#,
        "{\"email\": \"a\nb\"}",
        r#"{"email": "a\u0000b"}"#,
        r#"{"email": NaN}"#,
        r#"{"email": 1e999999}"#,
        "{\"email\":\u{b}\"a@b.cd\"}",
        // A form, as browsers and curl send it unasked.
        "email=a@b.cd&password=wrong",
    ]
    .iter()
    .map(|body| Scenario::post(SESSIONS, *body))
    .collect();
    scenarios.push(Scenario::post(SESSIONS, &b"{\"email\": \"\xff\"}"[..]));
    scenarios.push(Scenario::post(SESSIONS, "[".repeat(5000)));
    scenarios.push(Scenario::post(SESSIONS, format!("{{\"x\": {}1{}}}", "[".repeat(50), "]".repeat(50))));
    let long = |length: usize| Scenario::post(SESSIONS, format!("{{\"email\": \"{}\"}}", "x".repeat(length)));
    // Over HTTP/2 in pieces, as its windows open.
    scenarios.extend([long(1_100_000), long(1_100_000).http2(), long(100_000)]);
    scenarios.extend(content_types());
    scenarios.extend(numbers(facts));
    scenarios.extend(collisions(facts));
    scenarios
}

fn content_types() -> Vec<Scenario> {
    let credentials = r#"{"email": "a@b.cd", "password": "wrong"}"#;
    let with = |content_type: &str| {
        Scenario::new("POST", SESSIONS).header("content-type", content_type).body(credentials)
    };
    let mut scenarios: Vec<Scenario> = [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/vnd.shop+json",
        "text/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "nonsense",
        "application/xml",
    ]
    .iter()
    .map(|content_type| with(content_type))
    .collect();
    scenarios.push(Scenario::new("POST", SESSIONS).body(credentials));
    scenarios.push(Scenario::post(SESSIONS, credentials).header("content-encoding", "gzip"));
    scenarios.push(Scenario::post(SESSIONS, credentials).header("content-encoding", "identity"));
    scenarios.push(Scenario::post(SESSIONS, credentials).header("accept", "text/html"));
    scenarios.push(Scenario::post(SESSIONS, credentials).header("accept-encoding", "gzip"));
    scenarios.push(Scenario::post(SESSIONS, credentials).header("expect", "100-continue"));
    scenarios.push(Scenario::post(SESSIONS, credentials).http2());
    scenarios
}

/// int64, nested messages, lists and enums, in a call that is refused for the variant that it names.
fn numbers(facts: &Facts) -> Vec<Scenario> {
    let target = format!("/v1/{}:addLines", facts.cart);
    let variant = format!("variants/var_{}", "0".repeat(26));
    let id = "6b9d2c1e-3a4f-4c58-9d7e-2f1a0b3c4d5e";
    [
        "1", "\"1\"", "1.0", "1e0", "10e-1", "\"1e0\"", "1.5", "-1", "01", "+1", "\"01\"", "\"+1\"", "\"\"", "\" 1\"", "9223372036854775807", "9223372036854775808",
        "\"9223372036854775808\"", "1e30", "true", "null", "[1]", "{}", "0",
    ]
    .iter()
    .map(|quantity| format!(r#"{{"lines": [{{"quantity": {quantity}, "variant": "{variant}"}}], "requestId": "{id}"}}"#))
    .chain([
        format!(r#"{{"lines": {{"variant": "{variant}", "quantity": 1}}, "requestId": "{id}"}}"#),
        format!(r#"{{"lines": [null], "requestId": "{id}"}}"#),
        format!(r#"{{"lines": null, "requestId": "{id}"}}"#),
        format!(r#"{{"lines": [[{{"variant": "{variant}", "quantity": 1}}]], "requestId": "{id}"}}"#),
        format!(r#"{{"lines": [{{"variant": "{variant}", "quantity": 1}}], "request_id": "{id}"}}"#),
        format!(r#"{{"lines": [{{"variant": "{variant}", "quantity": 1}}], "request_id": "{id}", "requestId": "{id}"}}"#),
        format!(r#"{{"lines": [{{"variant": "{variant}", "quantity": 1, "nonsense": 1}}], "requestId": "{id}"}}"#),
        format!(r#"{{"lines": [], "requestId": "{id}"}}"#),
    ])
    .map(|body| Scenario::post(&target, body).token(&facts.shopper))
    .chain(texts_of_numbers(facts))
    .collect()
}

/// Whole numbers in quotes, with more than digits, in calls that succeed where that is taken.
fn texts_of_numbers(facts: &Facts) -> [Scenario; 2] {
    let texts =
        [("1e0", "6b9d2c1e-3a4f-4c58-9d7e-2f1a0b3c4d60"), ("1.0", "6b9d2c1e-3a4f-4c58-9d7e-2f1a0b3c4d61")];
    texts.map(|(quantity, id)| {
        let line = format!(r#"{{"quantity": "{quantity}", "variant": "{}"}}"#, facts.variant);
        let body = format!(r#"{{"lines": [{line}], "requestId": "{id}"}}"#);
        Scenario::post("/v1/carts", body).token(&facts.shopper)
    })
}

/// One field in two places, and a body where there is none.
fn collisions(facts: &Facts) -> Vec<Scenario> {
    let (product, cart) = (&facts.product, &facts.cart);
    let id = "6b9d2c1e-3a4f-4c58-9d7e-2f1a0b3c4d5f";
    let patch = |target: &str, body: String| {
        let scenario = Scenario::new("PATCH", target).header("content-type", "application/json");
        scenario.body(body).token(&facts.operator)
    };
    let publish = |body: &str| {
        let target = format!("/v1/products/prd_{}:publish", "0".repeat(26));
        Scenario::post(&target, body.to_owned()).token(&facts.operator)
    };
    vec![
        patch(
            &format!("/v1/{product}?updateMask=title"),
            format!(r#"{{"name": "{product}", "title": "Same"}}"#),
        ),
        patch(
            &format!("/v1/{product}?updateMask=title"),
            r#"{"name": "products/other", "title": "Other"}"#.into(),
        ),
        patch(&format!("/v1/{product}?updateMask=title"), r#"{"name": null, "title": "Same"}"#.into()),
        patch(&format!("/v1/{product}?updateMask=title"), r#"{"name": "", "title": "Same"}"#.into()),
        publish(""),
        publish("{}"),
        publish(r#"{"name": "products/other"}"#),
        publish(r#"{"name": 1}"#),
        publish(r#"{"name": null}"#),
        Scenario::post(
            &format!("/v1/{cart}:addLines"),
            format!(r#"{{"cart": "carts/other", "lines": [], "requestId": "{id}"}}"#),
        )
        .token(&facts.shopper),
        Scenario::get("/v1/products?pageSize=1")
            .header("content-type", "application/json")
            .body(r#"{"pageSize": 2}"#),
        Scenario::get("/v1/products?pageSize=1").header("content-type", "text/plain").body("x"),
        Scenario::get(&format!("/v1/{product}")).body(r#"{"name": "products/other"}"#),
        Scenario::get("/v1/products?pageSize=1").body("{}"),
        Scenario::new("DELETE", "/v1/categories/cat_x").body("{}").token(&facts.operator),
        Scenario::post("/v1/products", r#"{"title": 5}"#).token(&facts.operator),
        Scenario::post("/v1/products", r#"{"product": {"title": "x"}}"#).token(&facts.operator),
        Scenario::post("/v1/products", "[]").token(&facts.operator),
        Scenario::post("/v1/products", "").token(&facts.operator),
        Scenario::post("/v1/products", "null").token(&facts.operator),
        Scenario::post("/v1/locations", r#"{"name": "locations/east", "title": "East"}"#)
            .token(&facts.operator),
        Scenario::post("/v1/attributeDefinitions", r#"{"key": "k", "title": "K", "type": "nonsense"}"#)
            .token(&facts.operator),
        Scenario::post("/v1/attributeDefinitions", r#"{"key": "k", "title": "K", "type": 99}"#)
            .token(&facts.operator),
        Scenario::post(
            "/v1/attributeDefinitions",
            r#"{"key": "k", "title": "K", "type": "attribute_type_text"}"#,
        )
        .token(&facts.operator),
    ]
}
