//! Tokens: none, bad ones of every kind, and good ones that do not suffice.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Facts, Scenario};

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let mut parts = facts.shopper.split('.');
    let mut next = || parts.next().unwrap();
    let (head, claims, signature) = (next(), next(), next());
    let changed = |part: &str, field: &str, value: Value| {
        let mut object: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        object[field] = value;
        URL_SAFE_NO_PAD.encode(object.to_string())
    };
    let flipped: String = signature.chars().rev().collect();
    let with_head = |field, value| format!("{}.{claims}.{signature}", changed(head, field, value));
    let with_claim = |field, value| format!("{head}.{}.{signature}", changed(claims, field, value));
    let tokens = [
        String::new(),
        "x".into(),
        "a.b.c".into(),
        "a.b.c.d".into(),
        "..".into(),
        head.into(),
        format!("{head}.{claims}"),
        format!("{head}.{claims}."),
        format!("{head}.{claims}.{flipped}"),
        format!("{head}.{claims}.{signature}="),
        format!("{head}.{claims}.{signature}x"),
        format!("{}.", facts.shopper),
        format!("{}.{claims}.", changed(head, "alg", json!("none"))),
        with_head("alg", json!("none")),
        with_head("alg", json!("HS256")),
        with_head("alg", json!("RS256")),
        with_head("kid", json!("../../etc/passwd")),
        with_head("crit", json!(["exp"])),
        with_claim("exp", json!(1)),
        with_claim("exp", json!("9999999999")),
        with_claim("iss", json!("https://elsewhere.example")),
        with_claim("aud", json!("elsewhere")),
        with_claim("sub", json!("users/root")),
        "x".repeat(10_000),
    ];
    let mut scenarios: Vec<Scenario> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let mut scenario = Scenario::get("/v1/orders").token(token);
        scenario.name = format!("token {at} {}", &token[..token.len().min(20)]);
        scenarios.push(scenario);
    }
    let bearer = |value: &str| Scenario::get("/v1/orders").header("authorization", value);
    scenarios.extend([
        Scenario::get("/v1/orders"),
        bearer("Bearer"),
        bearer("Basic YTpi"),
        bearer(&facts.shopper),
        bearer(&format!("bearer {}", facts.shopper)),
        bearer(&format!("Bearer  {}", facts.shopper)),
        bearer(&format!("Bearer {} ", facts.shopper)),
        bearer(&format!("Bearer {},x", facts.shopper)),
        Scenario::get("/v1/orders").token("x").header("authorization", &format!("Bearer {}", facts.shopper)),
        Scenario::get(&format!("/v1/orders?access_token={}", facts.shopper)),
        // A bad token is refused where none is needed, too; not where there is nothing.
        Scenario::get("/v1/products?pageSize=1").token("x"),
        Scenario::get("/health").token("x"),
        Scenario::get("/v1/nowhere").token("x"),
        Scenario::get("/v1/products?nonsense=1").token("x"),
        // Good, and not enough.
        Scenario::get("/v1/orders").token(&facts.shopper),
        Scenario::get("/v1/users").token(&facts.shopper),
        Scenario::get("/v1/orders").token(&facts.operator),
        Scenario::get(&format!("/v1/{}", facts.cart)).token(&facts.operator),
        Scenario::get("/v1/carts/nonsense").token(&facts.shopper),
        Scenario::get(&format!("/v1/carts/crt_{}", "0".repeat(26))).token(&facts.shopper),
        Scenario::get(&format!("/v1/products/prd_{}", "0".repeat(26))),
    ]);
    scenarios
}
