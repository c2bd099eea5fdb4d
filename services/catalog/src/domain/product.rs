//! The product: its content, its states and what each change makes of it.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::Money,
};

use super::attribute::Attribute;
use crate::ids::{CategoryId, ProductId, VariantId};

/// Who sells what names no seller.
pub const HOUSE_SELLER: &str = "sellers/house";

/// Life of a product: DRAFT -> ACTIVE <-> ARCHIVED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductState {
    /// Being written.
    Draft,
    /// Visible and for sale.
    Active,
    /// No longer visible.
    Archived,
}

/// A product as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The seller's own key, unique in the shop.
    pub code: String,
    /// `sellers/...`; fixed.
    pub seller: String,
    /// Its state.
    pub state: ProductState,
    /// What people write.
    pub content: Content,
    /// Counts changes from 1; the etag, and the sequence of the product's events.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What people write about a product: stored as one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// Shown name.
    pub title: String,
    /// Plain text.
    pub description: String,
    /// Brand or maker.
    pub brand: String,
    /// What kind of thing it is.
    pub product_type: String,
    /// `None` when not placed in the tree.
    pub category: Option<CategoryId>,
    /// Unique by key.
    pub attributes: Vec<Attribute>,
    /// What can be bought, unique by SKU.
    pub variants: Vec<Variant>,
    /// What was taken out, the latest last. Nobody writes it: it follows from what the variants were.
    pub retired: Vec<Retired>,
}

/// Retired variants that a product remembers.
const MAX_RETIRED: usize = 1000;

/// A variant that was taken out. Its units, orders and carts know it by its id, so that its SKU brings that back.
#[derive(Clone, Debug, PartialEq)]
pub struct Retired {
    /// Its id.
    pub id: VariantId,
    /// Its SKU.
    pub sku: String,
}

/// One buyable form.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// Stock keeping unit as it was written; unique in the shop by its `sku_key`.
    pub sku: String,
    /// What sets it apart.
    pub title: String,
    /// Size of the package as printed.
    pub package_size: String,
    /// At most one per channel.
    pub prices: Vec<Price>,
}

/// A price in one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// `channels/...`.
    pub channel: String,
    /// Of one unit, in the channel's currency.
    pub amount: Money,
}

/// What SKUs are compared by: two that differ in case alone are one. The contract keeps them in ASCII.
pub fn sku_key(sku: &str) -> String {
    sku.to_ascii_lowercase()
}

impl Variant {
    /// Bytes it takes as a message, or a few more: its name has 39, an amount at most 25.
    fn bytes(&self) -> usize {
        let texts = [&self.sku, &self.title, &self.package_size].into_iter().map(String::len).sum::<usize>();
        56 + texts + self.prices.iter().map(|price| 32 + price.channel.len()).sum::<usize>()
    }

    /// Price in `channel`, if it is sold there.
    pub fn price_in(&self, channel: &str) -> Option<Money> {
        self.prices.iter().find(|price| price.channel == channel).map(|price| price.amount)
    }
}

impl Content {
    /// Bytes it takes as a message, or a few more.
    pub fn bytes(&self) -> usize {
        let texts = [&self.title, &self.description, &self.brand, &self.product_type];
        let attributes =
            self.attributes.iter().map(|attribute| 16 + attribute.key.len() + attribute.value.bytes());
        texts.into_iter().map(String::len).chain(attributes).sum::<usize>()
            + self.variants.iter().map(Variant::bytes).sum::<usize>()
    }

    /// Whether anything of it can be bought anywhere.
    pub fn is_sellable(&self) -> bool {
        self.variants.iter().any(|variant| !variant.prices.is_empty())
    }

    /// The cheapest variant in `channel` at a price, in minor units, that is `wanted`.
    pub fn cheapest_in(&self, channel: &str, wanted: impl Fn(i64) -> bool) -> Option<(&Variant, Money)> {
        self.variants
            .iter()
            .filter_map(|variant| Some((variant, variant.price_in(channel)?)))
            .filter(|(_, price)| wanted(price.minor))
            .min_by_key(|(_, price)| price.minor)
    }

    /// Gives every variant whose SKU `before` has, or had, its old id, and remembers those that are gone.
    pub fn keep_identities(&mut self, before: &Content) {
        let retired = before.retired.iter().map(|retired| (sku_key(&retired.sku), &retired.id, &retired.sku));
        let present =
            before.variants.iter().map(|variant| (sku_key(&variant.sku), &variant.id, &variant.sku));
        let known: Vec<(String, &VariantId, &String)> = retired.chain(present).collect();
        let ids: HashMap<&str, &VariantId> = known.iter().map(|(key, id, _)| (key.as_str(), *id)).collect();
        let mut kept = HashSet::with_capacity(self.variants.len());
        for variant in &mut self.variants {
            let key = sku_key(&variant.sku);
            if let Some(id) = ids.get(key.as_str()) {
                variant.id = (*id).clone();
            }
            kept.insert(key);
        }
        let gone = known.iter().filter(|(key, ..)| !kept.contains(key));
        let mut gone: Vec<Retired> =
            gone.map(|(_, id, sku)| Retired { id: (*id).clone(), sku: (*sku).clone() }).collect();
        gone.drain(..gone.len().saturating_sub(MAX_RETIRED));
        self.retired = gone;
    }

    /// Takes the fields `parts` names from `given`.
    pub fn merge(&mut self, mut given: Content, parts: &[ContentPart]) {
        given.keep_identities(self);
        for part in parts {
            match part {
                ContentPart::Title => self.title = std::mem::take(&mut given.title),
                ContentPart::Description => self.description = std::mem::take(&mut given.description),
                ContentPart::Brand => self.brand = std::mem::take(&mut given.brand),
                ContentPart::ProductType => self.product_type = std::mem::take(&mut given.product_type),
                ContentPart::Category => self.category = given.category.take(),
                ContentPart::Attributes => self.attributes = std::mem::take(&mut given.attributes),
                ContentPart::Variants => {
                    self.variants = std::mem::take(&mut given.variants);
                    self.retired = std::mem::take(&mut given.retired);
                }
            }
        }
    }
}

/// A field of the content that an update may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentPart {
    Title,
    Description,
    Brand,
    ProductType,
    Category,
    Attributes,
    Variants,
}

impl ContentPart {
    /// Every field.
    pub const ALL: [(&'static str, Self); 7] = [
        ("title", Self::Title),
        ("description", Self::Description),
        ("brand", Self::Brand),
        ("product_type", Self::ProductType),
        ("category", Self::Category),
        ("attributes", Self::Attributes),
        ("variants", Self::Variants),
    ];

    /// The fields an update mask names, each once; an empty mask names all.
    pub fn of_mask(paths: &[String]) -> Result<Vec<Self>> {
        if paths.is_empty() {
            return Ok(Self::ALL.map(|(_, part)| part).to_vec());
        }
        let mut parts = Vec::with_capacity(paths.len());
        for path in paths {
            let (_, part) = Self::ALL.into_iter().find(|(name, _)| name == path).ok_or_else(|| {
                let known = Self::ALL.map(|(name, _)| name).join(", ");
                Error::invalid("update_mask", format!("`{path}` cannot be updated; use any of {known}"))
            })?;
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Ok(parts)
    }
}

impl Product {
    /// A new draft.
    pub fn draft(code: String, seller: String, content: Content, now: Timestamp) -> Self {
        Self {
            id: ProductId::generate(),
            code,
            seller,
            state: ProductState::Draft,
            content,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The variant `id` with its price, if it is for sale in `channel`.
    pub fn for_sale(&self, id: &VariantId, channel: &str) -> Option<(&Variant, Money)> {
        let variant = self.content.variants.iter().find(|variant| variant.id == *id)?;
        let price = variant.price_in(channel)?;
        (self.state == ProductState::Active).then_some((variant, price))
    }

    /// Replaces the content; `false` when nothing changed.
    pub fn revise(&mut self, content: Content, now: Timestamp) -> Result<bool> {
        if content == self.content {
            return Ok(false);
        }
        if self.state == ProductState::Active {
            self.check_sellable(&content)?;
        }
        self.content = content;
        self.touch(now);
        Ok(true)
    }

    /// DRAFT or ARCHIVED to ACTIVE; `false` when it is active already.
    pub fn publish(&mut self, now: Timestamp) -> Result<bool> {
        if self.state == ProductState::Active {
            return Ok(false);
        }
        self.check_sellable(&self.content)?;
        self.state = ProductState::Active;
        self.touch(now);
        Ok(true)
    }

    /// ACTIVE or DRAFT to ARCHIVED; `false` when it is archived already.
    pub fn archive(&mut self, now: Timestamp) -> bool {
        if self.state == ProductState::Archived {
            return false;
        }
        self.state = ProductState::Archived;
        self.touch(now);
        true
    }

    /// Takes imported content and publishes a draft, as one change; `false` when there is nothing to change. What was
    /// archived stays so: an import brings content, and only PublishProduct puts it back on sale.
    pub fn import(&mut self, mut content: Content, now: Timestamp) -> Result<bool> {
        content.keep_identities(&self.content);
        let published = self.state == ProductState::Draft;
        if !published && content == self.content {
            return Ok(false);
        }
        self.check_sellable(&content)?;
        self.content = content;
        if published {
            self.state = ProductState::Active;
        }
        self.touch(now);
        Ok(true)
    }

    fn check_sellable(&self, content: &Content) -> Result<()> {
        if content.is_sellable() {
            return Ok(());
        }
        Err(Error::precondition(
            "STATE",
            self.id.name(),
            "an active product needs a variant with a price; add one, or archive the product",
        ))
    }

    fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests;
