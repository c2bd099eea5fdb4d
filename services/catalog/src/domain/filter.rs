//! The filter of ListProducts: a subset of AIP-160, `field = "value"` joined by `AND`.

use shopmesh_kit::error::{Error, Result};

use super::product::ProductState;
use crate::ids::CategoryId;

/// The fields that can be filtered.
const FIELDS: [&str; 5] = ["category", "seller", "brand", "product_type", "state"];

/// The states by their words.
const STATES: [(&str, ProductState); 3] =
    [("DRAFT", ProductState::Draft), ("ACTIVE", ProductState::Active), ("ARCHIVED", ProductState::Archived)];

/// One `field = "value"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restriction {
    Category(CategoryId),
    Seller(String),
    Brand(String),
    ProductType(String),
    State(ProductState),
}

/// Parses a filter; an empty one restricts nothing. Anything outside the subset names `filter` and what is allowed.
pub fn parse(filter: &str) -> Result<Vec<Restriction>> {
    let mut rest = filter.trim_start();
    let mut restrictions = Vec::new();
    if rest.is_empty() {
        return Ok(restrictions);
    }
    loop {
        let (restriction, after) = restriction(rest)?;
        restrictions.push(restriction);
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(restrictions);
        }
        rest = match rest.strip_prefix("AND") {
            Some(after) if after.starts_with(char::is_whitespace) => after.trim_start(),
            _ => return Err(refused(rest, "`AND`")),
        };
    }
}

fn restriction(text: &str) -> Result<(Restriction, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let restrict: fn(String) -> Result<Restriction> = match name {
        "category" => |value| category(value).map(Restriction::Category),
        "seller" => |value| Ok(Restriction::Seller(value)),
        "brand" => |value| Ok(Restriction::Brand(value)),
        "product_type" => |value| Ok(Restriction::ProductType(value)),
        "state" => |value| state(value).map(Restriction::State),
        _ => return Err(refused(text, &format!("one of the fields {}", FIELDS.join(", ")))),
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').ok_or_else(|| refused(rest, "`=`"))?.trim_start();
    let (value, rest) = quoted(rest)?;
    Ok((restrict(value)?, rest))
}

/// A value in double quotes, in which a backslash takes the next character as it is.
fn quoted(text: &str) -> Result<(String, &str)> {
    let body = text.strip_prefix('"').ok_or_else(|| refused(text, "a value in double quotes"))?;
    let mut value = String::new();
    let mut characters = body.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &body[at + 1..])),
            '\\' => match characters.next() {
                Some((_, escaped)) => value.push(escaped),
                None => break,
            },
            _ => value.push(character),
        }
    }
    Err(Error::invalid("filter", "ends inside a value; close it with a double quote"))
}

fn category(value: String) -> Result<CategoryId> {
    CategoryId::parse(&value).map_err(|_| {
        Error::invalid("filter", format!("`{value}` is not a category; use `categories/cat_...`"))
    })
}

fn state(value: String) -> Result<ProductState> {
    let word = value.strip_prefix("PRODUCT_STATE_").unwrap_or(&value);
    let state = STATES.into_iter().find(|(name, _)| *name == word);
    state.map(|(_, state)| state).ok_or_else(|| {
        Error::invalid("filter", format!("`{value}` is not a state; use DRAFT, ACTIVE or ARCHIVED"))
    })
}

fn refused(at: &str, wanted: &str) -> Error {
    let found: String = at.chars().take(20).collect();
    Error::invalid(
        "filter",
        format!("expected {wanted} at `{found}`; a filter is `field = \"value\"` joined by AND"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_subset_is_taken() {
        assert_eq!(parse("  ").unwrap(), []);
        for state in ["ACTIVE", "PRODUCT_STATE_ACTIVE"] {
            let filter = format!("state=\"{state}\"");
            assert_eq!(parse(&filter).unwrap(), [Restriction::State(ProductState::Active)]);
        }
        assert_eq!(
            parse(" brand = \"A \\\"B\\\" \\\\C\" AND seller = \"sellers/house\" ").unwrap(),
            [Restriction::Brand("A \"B\" \\C".into()), Restriction::Seller("sellers/house".into())]
        );
        assert_eq!(parse("product_type = \"Tea\"").unwrap(), [Restriction::ProductType("Tea".into())]);
        let category = CategoryId::generate();
        assert_eq!(parse(&format!("category = \"{category}\"")).unwrap(), [Restriction::Category(category)]);
    }

    #[test]
    fn anything_else_is_refused() {
        for filter in [
            "brand",
            "brand =",
            "brand = x",
            "brand = \"x",
            "brand = \"x\\",
            "brand != \"x\"",
            "brand : \"x\"",
            "price = \"1\"",
            "brand = \"x\" OR seller = \"y\"",
            "brand = \"x\" AND",
            "brand = \"x\" ANDseller = \"y\"",
            "brand = \"x\" seller = \"y\"",
            "NOT brand = \"x\"",
            "(brand = \"x\")",
            "state = \"SOLD\"",
            "category = \"tea\"",
        ] {
            assert!(parse(filter).is_err(), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(filter in "\\PC{0,60}") {
            let _ = parse(&filter);
        }

        #[test]
        fn every_value_survives_quoting(value in "\\PC{0,40}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(parse(&format!("brand = \"{escaped}\"")).unwrap(), [Restriction::Brand(value)]);
        }
    }
}
