//! Each rule refuses what breaks it, and names the field.

use shopmesh_kit::money::Money;

use super::*;
use crate::{
    domain::{attribute::AttributeValue, product::Price},
    ids::VariantId,
};

fn rules() -> Rules {
    Rules {
        channels: HashMap::from([("channels/default".to_owned(), Currency::parse("USD").unwrap())]),
        attributes: HashMap::from([
            ("organic".to_owned(), AttributeType::Flag),
            ("weight".to_owned(), AttributeType::Number),
        ]),
    }
}

fn variant(sku: &str, channel: &str, currency: &str, minor: i64) -> Variant {
    Variant {
        id: VariantId::generate(),
        sku: sku.into(),
        title: String::new(),
        package_size: String::new(),
        prices: vec![Price {
            channel: channel.into(),
            amount: Money { minor, currency: Currency::parse(currency).unwrap() },
        }],
    }
}

fn tea() -> Content {
    Content {
        title: "Tea".into(),
        variants: vec![variant("A", "channels/default", "USD", 100)],
        ..Content::default()
    }
}

fn refusal(content: &Content) -> String {
    format!("{:?}", rules().check("product", content).unwrap_err())
}

#[test]
fn good_content_passes() {
    let attribute = |key: &str, value| Attribute { key: key.into(), value };
    let attributes = vec![
        attribute("organic", AttributeValue::Flag(true)),
        attribute("weight", AttributeValue::Number("12.5".into())),
    ];
    rules().check("product", &Content { attributes, ..tea() }).unwrap();
}

#[test]
fn a_title_is_needed() {
    assert!(refusal(&Content { title: String::new(), ..tea() }).contains("product.title"));
}

#[test]
fn prices_fit_their_channel() {
    for (broken, field) in [
        (variant("A", "channels/default", "EUR", 100), "prices[0].amount.currency_code"),
        (variant("A", "channels/nowhere", "USD", 100), "prices[0].channel"),
        (variant("A", "channels/default", "USD", 0), "prices[0].amount"),
        (variant("A", "channels/default", "USD", -1), "prices[0].amount"),
        (variant("A", "channels/default", "USD", Money::LARGEST_CHARGE + 1), "prices[0].amount"),
    ] {
        let refusal = refusal(&Content { variants: vec![broken], ..tea() });
        assert!(refusal.contains(field), "{refusal}");
    }
    let mut twice = variant("A", "channels/default", "USD", 100);
    twice.prices.push(twice.prices[0].clone());
    assert!(refusal(&Content { variants: vec![twice], ..tea() }).contains("prices[1].channel"));
}

#[test]
fn skus_are_unique_within_the_product() {
    let twice =
        vec![variant("A", "channels/default", "USD", 100), variant("A", "channels/default", "USD", 200)];
    assert!(refusal(&Content { variants: twice, ..tea() }).contains("product.variants[1].sku"));
    let twice =
        vec![variant("a-B", "channels/default", "USD", 100), variant("A-b", "channels/default", "USD", 200)];
    assert!(refusal(&Content { variants: twice, ..tea() }).contains("product.variants[1].sku"));
}

#[test]
fn attributes_match_their_definitions() {
    for attributes in [
        vec![Attribute { key: "unknown".into(), value: AttributeValue::Flag(true) }],
        vec![Attribute { key: "organic".into(), value: AttributeValue::Text("yes".into()) }],
        vec![Attribute { key: "weight".into(), value: AttributeValue::Flag(true) }],
        vec![Attribute { key: "organic".into(), value: AttributeValue::Flag(true) }; 2],
    ] {
        assert!(refusal(&Content { attributes, ..tea() }).contains("product.attributes["));
    }
}
