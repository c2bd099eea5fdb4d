//! The JSON documents in rows: content of a product, profile of a channel. Fields may be added, never renamed, and
//! enumerations are words, as people read them there.

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    error::{Error, Result},
    money::{Currency, Money},
};

use crate::{
    domain::{
        attribute::{Attribute, AttributeValue},
        channel::{ChannelProfile, TaxMode},
        product::{Content, Price, Retired, Variant},
    },
    ids::{CategoryId, VariantId},
};

#[derive(Serialize, Deserialize)]
struct StoredContent {
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    brand: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    product_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    category: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<StoredAttribute>,
    variants: Vec<StoredVariant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    retired: Vec<StoredRetired>,
}

#[derive(Serialize, Deserialize)]
struct StoredRetired {
    id: String,
    sku: String,
}

#[derive(Serialize, Deserialize)]
struct StoredAttribute {
    key: String,
    value: StoredValue,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredValue {
    Text(String),
    Number(String),
    Flag(bool),
}

#[derive(Serialize, Deserialize)]
struct StoredVariant {
    id: String,
    sku: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    package_size: String,
    prices: Vec<StoredPrice>,
}

#[derive(Serialize, Deserialize)]
struct StoredPrice {
    channel: String,
    minor: i64,
    currency: String,
}

#[derive(Serialize, Deserialize)]
struct StoredProfile {
    title: String,
    locale: String,
    tax_mode: StoredTaxMode,
    countries: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum StoredTaxMode {
    Inclusive,
    Exclusive,
}

/// The document of `content`.
pub fn write_content(content: &Content) -> Result<String> {
    serde_json::to_string(&StoredContent {
        title: content.title.clone(),
        description: content.description.clone(),
        brand: content.brand.clone(),
        product_type: content.product_type.clone(),
        category: content.category.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
        attributes: content.attributes.iter().map(stored_attribute).collect(),
        variants: content.variants.iter().map(stored_variant).collect(),
        retired: content
            .retired
            .iter()
            .map(|retired| StoredRetired { id: retired.id.as_str().to_owned(), sku: retired.sku.clone() })
            .collect(),
    })
    .map_err(Error::internal)
}

/// The content in `document`.
pub fn read_content(document: &str) -> Result<Content> {
    let stored: StoredContent = serde_json::from_str(document).map_err(Error::internal)?;
    let category = match stored.category.as_str() {
        "" => None,
        id => Some(CategoryId::stored(id)?),
    };
    let retired = |stored: StoredRetired| Ok(Retired { id: VariantId::stored(&stored.id)?, sku: stored.sku });
    Ok(Content {
        title: stored.title,
        description: stored.description,
        brand: stored.brand,
        product_type: stored.product_type,
        category,
        attributes: stored.attributes.into_iter().map(attribute).collect(),
        variants: stored.variants.into_iter().map(variant).collect::<Result<_>>()?,
        retired: stored.retired.into_iter().map(retired).collect::<Result<_>>()?,
    })
}

/// The document of `profile`.
pub fn write_profile(profile: &ChannelProfile) -> Result<String> {
    let tax_mode = match profile.tax_mode {
        TaxMode::Inclusive => StoredTaxMode::Inclusive,
        TaxMode::Exclusive => StoredTaxMode::Exclusive,
    };
    serde_json::to_string(&StoredProfile {
        title: profile.title.clone(),
        locale: profile.locale.clone(),
        tax_mode,
        countries: profile.countries.clone(),
    })
    .map_err(Error::internal)
}

/// The profile in `document`.
pub fn read_profile(document: &str) -> Result<ChannelProfile> {
    let stored: StoredProfile = serde_json::from_str(document).map_err(Error::internal)?;
    let tax_mode = match stored.tax_mode {
        StoredTaxMode::Inclusive => TaxMode::Inclusive,
        StoredTaxMode::Exclusive => TaxMode::Exclusive,
    };
    Ok(ChannelProfile { title: stored.title, locale: stored.locale, tax_mode, countries: stored.countries })
}

fn stored_attribute(attribute: &Attribute) -> StoredAttribute {
    let value = match &attribute.value {
        AttributeValue::Text(text) => StoredValue::Text(text.clone()),
        AttributeValue::Number(number) => StoredValue::Number(number.clone()),
        AttributeValue::Flag(flag) => StoredValue::Flag(*flag),
    };
    StoredAttribute { key: attribute.key.clone(), value }
}

fn attribute(stored: StoredAttribute) -> Attribute {
    let value = match stored.value {
        StoredValue::Text(text) => AttributeValue::Text(text),
        StoredValue::Number(number) => AttributeValue::Number(number),
        StoredValue::Flag(flag) => AttributeValue::Flag(flag),
    };
    Attribute { key: stored.key, value }
}

fn stored_variant(variant: &Variant) -> StoredVariant {
    let price = |price: &Price| StoredPrice {
        channel: price.channel.clone(),
        minor: price.amount.minor,
        currency: price.amount.currency.to_string(),
    };
    StoredVariant {
        id: variant.id.as_str().to_owned(),
        sku: variant.sku.clone(),
        title: variant.title.clone(),
        package_size: variant.package_size.clone(),
        prices: variant.prices.iter().map(price).collect(),
    }
}

fn variant(stored: StoredVariant) -> Result<Variant> {
    let price = |price: StoredPrice| {
        let amount = Money { minor: price.minor, currency: Currency::parse(&price.currency)? };
        Ok(Price { channel: price.channel, amount })
    };
    Ok(Variant {
        id: VariantId::stored(&stored.id)?,
        sku: stored.sku,
        title: stored.title,
        package_size: stored.package_size,
        prices: stored.prices.into_iter().map(price).collect::<Result<_>>()?,
    })
}
