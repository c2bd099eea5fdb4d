//! Requests and replies.

use std::collections::HashMap;

use shopmesh_kit::{
    error::{Error, Result},
    etag,
    money::{Currency, Money},
};
use shopmesh_proto::catalog::v1 as pb;

use crate::{
    domain::{
        attribute::{Attribute, AttributeDefinition, AttributeType, AttributeValue},
        category::Category,
        channel::{Channel, ChannelProfile, DEFAULT_CHANNEL, TaxMode},
        import::{ImportRow, Outcome},
        product::{Content, HOUSE_SELLER, Price, Product, ProductState, Variant},
    },
    ids::{CategoryId, VariantId},
    search::{Criteria, FacetField, Hit, Order},
};

/// The seller of a new product.
pub fn seller(given: &str) -> String {
    if given.is_empty() { HOUSE_SELLER.to_owned() } else { given.to_owned() }
}

/// The rows of an import.
pub fn import_rows(given: Vec<pb::Product>) -> Result<Vec<ImportRow>> {
    let row = |(index, given): (usize, pb::Product)| {
        if given.code.is_empty() {
            return Err(Error::invalid(&format!("products[{index}].code"), "is empty; imports go by code"));
        }
        Ok(ImportRow {
            code: given.code.clone(),
            seller: seller(&given.seller),
            content: content(&format!("products[{index}]"), given)?,
        })
    };
    given.into_iter().enumerate().map(row).collect()
}

/// What became of a row of an import.
pub fn imported(product: &Product, outcome: Outcome) -> pb::ImportedProduct {
    let outcome = match outcome {
        Outcome::Created => pb::ImportOutcome::Created,
        Outcome::Updated => pb::ImportOutcome::Updated,
        Outcome::Unchanged => pb::ImportOutcome::Unchanged,
    };
    pb::ImportedProduct {
        product: product.id.name(),
        variants: product.content.variants.iter().map(|variant| variant.id.name()).collect(),
        outcome: outcome.into(),
    }
}

/// The content of a product sent to us; errors name the field below `at`. Variants get new ids.
pub fn content(at: &str, product: pb::Product) -> Result<Content> {
    let attribute = |(index, attribute)| self::attribute(&format!("{at}.attributes[{index}]"), attribute);
    let variant = |(index, variant)| self::variant(&format!("{at}.variants[{index}]"), variant);
    Ok(Content {
        category: optional_category(&format!("{at}.category"), &product.category)?,
        title: product.title,
        description: product.description,
        brand: product.brand,
        product_type: product.product_type,
        attributes: product.attributes.into_iter().enumerate().map(attribute).collect::<Result<_>>()?,
        variants: product.variants.into_iter().enumerate().map(variant).collect::<Result<_>>()?,
        retired: Vec::new(),
    })
}

fn attribute(at: &str, attribute: pb::Attribute) -> Result<Attribute> {
    let value = match attribute.value {
        Some(pb::attribute::Value::Text(text)) => AttributeValue::Text(text),
        Some(pb::attribute::Value::Number(number)) => AttributeValue::Number(number),
        Some(pb::attribute::Value::Flag(flag)) => AttributeValue::Flag(flag),
        None => return Err(Error::invalid(at, "has no value; set `text`, `number` or `flag`")),
    };
    Ok(Attribute { key: attribute.key, value })
}

fn variant(at: &str, variant: pb::Variant) -> Result<Variant> {
    let price = |(index, price): (usize, pb::Price)| {
        let amount =
            Money::from_proto(&format!("{at}.prices[{index}].amount"), &price.amount.unwrap_or_default())?;
        Ok(Price { channel: price.channel, amount })
    };
    Ok(Variant {
        id: VariantId::generate(),
        sku: variant.sku,
        title: variant.title,
        package_size: variant.package_size,
        prices: variant.prices.into_iter().enumerate().map(price).collect::<Result<_>>()?,
    })
}

/// A product as clients see it.
pub fn product(product: &Product) -> pb::Product {
    let content = &product.content;
    pb::Product {
        name: product.id.name(),
        code: product.code.clone(),
        title: content.title.clone(),
        description: content.description.clone(),
        brand: content.brand.clone(),
        product_type: content.product_type.clone(),
        category: name_of(content.category.as_ref()),
        seller: product.seller.clone(),
        state: match product.state {
            ProductState::Draft => pb::ProductState::Draft,
            ProductState::Active => pb::ProductState::Active,
            ProductState::Archived => pb::ProductState::Archived,
        }
        .into(),
        attributes: content.attributes.iter().map(attribute_out).collect(),
        variants: content.variants.iter().map(variant_out).collect(),
        etag: etag::of(product.version),
        create_time: Some(product.created_at.to_proto()),
        update_time: Some(product.updated_at.to_proto()),
    }
}

fn attribute_out(attribute: &Attribute) -> pb::Attribute {
    let value = match &attribute.value {
        AttributeValue::Text(text) => pb::attribute::Value::Text(text.clone()),
        AttributeValue::Number(number) => pb::attribute::Value::Number(number.clone()),
        AttributeValue::Flag(flag) => pb::attribute::Value::Flag(*flag),
    };
    pb::Attribute { key: attribute.key.clone(), value: Some(value) }
}

fn variant_out(variant: &Variant) -> pb::Variant {
    let price =
        |price: &Price| pb::Price { channel: price.channel.clone(), amount: Some(price.amount.to_proto()) };
    pb::Variant {
        name: variant.id.name(),
        sku: variant.sku.clone(),
        title: variant.title.clone(),
        package_size: variant.package_size.clone(),
        prices: variant.prices.iter().map(price).collect(),
    }
}

/// A variant as it is sold for `price`.
pub fn quote(product: &Product, variant: &Variant, price: Money) -> pb::VariantQuote {
    let title = &product.content.title;
    pb::VariantQuote {
        variant: variant.id.name(),
        product: product.id.name(),
        seller: product.seller.clone(),
        sku: variant.sku.clone(),
        title: if variant.title.is_empty() { title.clone() } else { format!("{title}, {}", variant.title) },
        unit_price: Some(price.to_proto()),
    }
}

/// The category named in `field`, which may be empty.
pub fn optional_category(field: &str, name: &str) -> Result<Option<CategoryId>> {
    if name.is_empty() { Ok(None) } else { CategoryId::parse_field(field, name).map(Some) }
}

fn name_of(category: Option<&CategoryId>) -> String {
    category.map(CategoryId::name).unwrap_or_default()
}

/// A category as clients see it.
pub fn category(category: &Category) -> pb::Category {
    pb::Category {
        name: category.id.name(),
        parent: name_of(category.parent.as_ref()),
        code: category.code.clone(),
        title: category.title.clone(),
        depth: i32::try_from(category.place.depth).unwrap_or(i32::MAX),
    }
}

/// A definition sent to us.
pub fn new_attribute_definition(given: &pb::AttributeDefinition) -> Result<AttributeDefinition> {
    let kind = match given.r#type() {
        pb::AttributeType::Text => AttributeType::Text,
        pb::AttributeType::Number => AttributeType::Number,
        pb::AttributeType::Flag => AttributeType::Flag,
        pb::AttributeType::Unspecified => {
            return Err(Error::invalid(
                "attribute_definition.type",
                "is missing; choose TEXT, NUMBER or FLAG",
            ));
        }
    };
    Ok(AttributeDefinition {
        key: given.key.clone(),
        title: given.title.clone(),
        kind,
        unit: given.unit.clone(),
    })
}

/// A definition as clients see it.
pub fn attribute_definition(definition: &AttributeDefinition) -> pb::AttributeDefinition {
    let kind = match definition.kind {
        AttributeType::Text => pb::AttributeType::Text,
        AttributeType::Number => pb::AttributeType::Number,
        AttributeType::Flag => pb::AttributeType::Flag,
    };
    pb::AttributeDefinition {
        key: definition.key.clone(),
        title: definition.title.clone(),
        r#type: kind.into(),
        unit: definition.unit.clone(),
    }
}

/// A channel sent to us.
pub fn new_channel(given: &pb::Channel) -> Result<Channel> {
    let tax_mode = match given.tax_mode() {
        pb::TaxMode::Inclusive => TaxMode::Inclusive,
        pb::TaxMode::Exclusive => TaxMode::Exclusive,
        pb::TaxMode::Unspecified => {
            return Err(Error::invalid("channel.tax_mode", "is missing; choose INCLUSIVE or EXCLUSIVE"));
        }
    };
    let currency = Currency::parse_field("channel.currency_code", &given.currency_code)?;
    let profile = ChannelProfile {
        title: given.title.clone(),
        locale: given.locale.clone(),
        tax_mode,
        countries: given.countries.clone(),
    };
    Ok(Channel { name: given.name.clone(), currency, profile })
}

/// A channel as clients see it.
pub fn channel(channel: &Channel) -> pb::Channel {
    let tax_mode = match channel.profile.tax_mode {
        TaxMode::Inclusive => pb::TaxMode::Inclusive,
        TaxMode::Exclusive => pb::TaxMode::Exclusive,
    };
    pb::Channel {
        name: channel.name.clone(),
        title: channel.profile.title.clone(),
        currency_code: channel.currency.to_string(),
        locale: channel.profile.locale.clone(),
        tax_mode: tax_mode.into(),
        countries: channel.profile.countries.clone(),
    }
}

/// What to search for.
pub fn criteria(request: pb::SearchProductsRequest) -> Result<Criteria> {
    let order = match request.order_by() {
        pb::SearchOrder::Unspecified => Order::Relevance,
        pb::SearchOrder::PriceAsc => Order::PriceAscending,
        pb::SearchOrder::PriceDesc => Order::PriceDescending,
    };
    if request.max_price_minor != 0 && request.max_price_minor < request.min_price_minor {
        return Err(Error::invalid("max_price_minor", "is less than `min_price_minor`; swap them"));
    }
    let category = optional_category("category", &request.category)?;
    Ok(Criteria {
        words: request.query,
        channel: if request.channel.is_empty() { DEFAULT_CHANNEL.to_owned() } else { request.channel },
        category: category.map(|id| id.as_str().to_owned()),
        brands: request.brands,
        product_types: request.product_types,
        min_price: request.min_price_minor,
        max_price: request.max_price_minor,
        order,
    })
}

/// A search hit.
pub fn hit(hit: Hit) -> Result<pb::SearchHit> {
    let mut shown = pb::SearchHit {
        product: hit.product,
        title: hit.title,
        brand: hit.brand,
        product_type: hit.product_type,
        category: hit.category,
        ..pb::SearchHit::default()
    };
    if let Some(offer) = hit.offer {
        let price = Money { minor: offer.minor, currency: Currency::parse(&offer.currency)? };
        shown.price = Some(price.to_proto());
        shown.variant = offer.variant;
        shown.package_size = offer.package_size;
    }
    Ok(shown)
}

/// A facet; categories are shown by resource name and labeled with their `titles`.
pub fn facet(field: FacetField, counts: Vec<(String, u64)>, titles: &HashMap<String, String>) -> pb::Facet {
    let value = |(value, count): (String, u64)| {
        let label = titles.get(&value).unwrap_or(&value).clone();
        let value = match field {
            FacetField::Category => format!("{}/{value}", CategoryId::COLLECTION),
            FacetField::Brand | FacetField::ProductType => value,
        };
        pb::FacetValue { value, label, count: i64::try_from(count).unwrap_or(i64::MAX) }
    };
    pb::Facet { field: field.as_str().to_owned(), values: counts.into_iter().map(value).collect() }
}
