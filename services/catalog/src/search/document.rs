//! What the index holds of a product.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use shopmesh_kit::money::Money;
use tantivy::{TantivyDocument, schema::OwnedValue};

use super::schema::{Fields, channel_id};
use crate::domain::{
    attribute::AttributeValue,
    product::{Product, Variant},
    taxonomy::Taxonomy,
};

/// What a hit shows, stored as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredHit {
    /// `products/...`.
    pub product: String,
    pub title: String,
    pub brand: String,
    pub product_type: String,
    /// `categories/...`, or empty.
    pub category: String,
    /// The cheapest variant by channel id.
    pub offers: BTreeMap<String, Offer>,
}

/// A variant as it is sold in one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// `variants/...`.
    pub variant: String,
    /// Minor units of `currency`.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
    pub package_size: String,
}

impl Offer {
    /// `variant` for `price`.
    pub fn of(variant: &Variant, price: Money) -> Self {
        Self {
            variant: variant.id.name(),
            minor: price.minor,
            currency: price.currency.to_string(),
            package_size: variant.package_size.clone(),
        }
    }
}

/// The document of `product`, placed in `taxonomy`.
pub fn build(
    fields: &Fields,
    product: &Product,
    taxonomy: &Taxonomy,
) -> Result<TantivyDocument, serde_json::Error> {
    let content = &product.content;
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, product.id.as_str());
    document.add_text(fields.title, &content.title);
    for text in [&content.title, &content.brand, &content.product_type, &content.description] {
        document.add_text(fields.text, text);
    }
    for variant in &content.variants {
        for text in [&variant.sku, &variant.title, &variant.package_size] {
            document.add_text(fields.text, text);
        }
    }
    for attribute in &content.attributes {
        if let AttributeValue::Text(text) = &attribute.value {
            document.add_text(fields.text, text);
        }
    }
    if let Some(category) = &content.category {
        for (ancestor, title) in taxonomy.ancestors(category) {
            document.add_text(fields.category, ancestor);
            document.add_text(fields.text, title);
        }
    }
    for (field, value) in [(fields.brand, &content.brand), (fields.product_type, &content.product_type)] {
        if !value.is_empty() {
            document.add_text(field, value);
        }
    }
    document.add_object(fields.price, prices(product));
    let hit = StoredHit {
        product: product.id.name(),
        title: content.title.clone(),
        brand: content.brand.clone(),
        product_type: content.product_type.clone(),
        category: content.category.as_ref().map(|category| category.name()).unwrap_or_default(),
        offers: offers(product),
    };
    document.add_bytes(fields.hit, &serde_json::to_vec(&hit)?);
    Ok(document)
}

/// What the variants cost in each channel.
fn prices(product: &Product) -> BTreeMap<String, OwnedValue> {
    let mut prices: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for price in product.content.variants.iter().flat_map(|variant| &variant.prices) {
        prices.entry(channel_id(&price.channel)).or_default().insert(price.amount.minor);
    }
    let listed =
        |amounts: BTreeSet<i64>| OwnedValue::Array(amounts.into_iter().map(OwnedValue::I64).collect());
    prices.into_iter().map(|(channel, amounts)| (channel.to_owned(), listed(amounts))).collect()
}

fn offers(product: &Product) -> BTreeMap<String, Offer> {
    let content = &product.content;
    let channels =
        content.variants.iter().flat_map(|variant| &variant.prices).map(|price| price.channel.as_str());
    let mut offers = BTreeMap::new();
    for channel in channels {
        if offers.contains_key(channel_id(channel)) {
            continue;
        }
        if let Some((variant, price)) = content.cheapest_in(channel, |_| true) {
            offers.insert(channel_id(channel).to_owned(), Offer::of(variant, price));
        }
    }
    offers
}
