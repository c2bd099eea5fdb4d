//! What content must satisfy beyond its shape: prices fit their channels, attributes their definitions.

use std::collections::{HashMap, HashSet};

use shopmesh_kit::{
    error::{Error, Result},
    money::{Currency, Money},
    page::PAGE_BYTES,
};

use super::{
    attribute::{Attribute, AttributeType},
    product::{Content, Variant, sku_key},
};

/// What the shop has defined, as far as products refer to it.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Currency of each channel, by `channels/...`.
    pub channels: HashMap<String, Currency>,
    /// Type of each attribute, by key.
    pub attributes: HashMap<String, AttributeType>,
}

/// Checks the name of a product; errors name the field below `at`, such as `product`.
pub fn check_title(at: &str, title: &str) -> Result<()> {
    if title.is_empty() {
        return Err(Error::invalid(&format!("{at}.title"), "is empty; give the product a name"));
    }
    Ok(())
}

/// A product fits into a page alone, so that none can make a list too large for those who ask.
fn check_size(at: &str, content: &Content) -> Result<()> {
    let (bytes, most) = (content.bytes(), PAGE_BYTES);
    if bytes > most {
        let problem =
            format!("takes some {bytes} bytes of at most {most}; shorten texts or make several products");
        return Err(Error::invalid(at, problem));
    }
    Ok(())
}

impl Rules {
    /// Checks `content`; errors name the field below `at`, such as `product`.
    pub fn check(&self, at: &str, content: &Content) -> Result<()> {
        check_size(at, content)?;
        check_title(at, &content.title)?;
        self.check_attributes(at, &content.attributes)?;
        self.check_variants(at, &content.variants)
    }

    fn check_attributes(&self, at: &str, attributes: &[Attribute]) -> Result<()> {
        let mut seen = HashSet::with_capacity(attributes.len());
        for (index, attribute) in attributes.iter().enumerate() {
            let field = || format!("{at}.attributes[{index}]");
            let key = attribute.key.as_str();
            if !seen.insert(key) {
                return Err(Error::invalid(&field(), format!("`{key}` occurs twice; keep one")));
            }
            let Some(defined) = self.attributes.get(key) else {
                return Err(Error::invalid(
                    &field(),
                    format!("`{key}` is not defined; create its definition first"),
                ));
            };
            let given = attribute.value.kind();
            if given != *defined {
                let (defined, given) = (defined.as_str(), given.as_str());
                return Err(Error::invalid(
                    &field(),
                    format!("`{key}` is defined as {defined}, not {given}"),
                ));
            }
        }
        Ok(())
    }

    fn check_variants(&self, at: &str, variants: &[Variant]) -> Result<()> {
        let mut seen = HashSet::with_capacity(variants.len());
        for (index, variant) in variants.iter().enumerate() {
            let field = |name: &str| format!("{at}.variants[{index}].{name}");
            if !seen.insert(sku_key(&variant.sku)) {
                return Err(Error::invalid(
                    &field("sku"),
                    format!("`{}` occurs twice; keep one", variant.sku),
                ));
            }
            self.check_prices(&field("prices"), variant)?;
        }
        Ok(())
    }

    fn check_prices(&self, at: &str, variant: &Variant) -> Result<()> {
        let mut seen = HashSet::with_capacity(variant.prices.len());
        for (index, price) in variant.prices.iter().enumerate() {
            let field = |name: &str| format!("{at}[{index}].{name}");
            let channel = price.channel.as_str();
            if !seen.insert(channel) {
                return Err(Error::invalid(
                    &field("channel"),
                    format!("`{channel}` occurs twice; keep one price"),
                ));
            }
            let Some(currency) = self.channels.get(channel) else {
                return Err(Error::invalid(
                    &field("channel"),
                    format!("`{channel}` does not exist; create it first"),
                ));
            };
            if price.amount.currency != *currency {
                return Err(Error::invalid(
                    &field("amount.currency_code"),
                    format!("`{channel}` sells in {currency}; give the price in {currency}"),
                ));
            }
            if price.amount.minor <= 0 {
                return Err(Error::invalid(&field("amount"), "must be greater than zero"));
            }
            if price.amount.minor > Money::LARGEST_CHARGE {
                let most = Money::new(Money::LARGEST_CHARGE, *currency);
                return Err(Error::invalid(&field("amount"), format!("must be at most {most}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
