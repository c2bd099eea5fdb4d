//! The filter of ListProducts: a subset of AIP-160, `field = "value"` joined by `AND`.

use shopmesh_kit::error::{Error, Result};

use super::{ids::CategoryId, product::ProductState};

/// A field that can be filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    Category,
    Seller,
    Brand,
    ProductType,
    State,
}

impl FilterField {
    const ALL: [Self; 5] = [Self::Category, Self::Seller, Self::Brand, Self::ProductType, Self::State];

    /// Its name in a filter, and its column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Seller => "seller",
            Self::Brand => "brand",
            Self::ProductType => "product_type",
            Self::State => "state",
        }
    }
}

/// One `field = "value"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The field.
    pub field: FilterField,
    /// The value as stored.
    pub value: String,
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
    let Some(field) = FilterField::ALL.into_iter().find(|field| field.as_str() == name) else {
        let known = FilterField::ALL.map(FilterField::as_str).join(", ");
        return Err(refused(text, &format!("one of the fields {known}")));
    };
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').ok_or_else(|| refused(rest, "`=`"))?.trim_start();
    let (value, rest) = quoted(rest)?;
    Ok((Restriction { field, value: stored(field, value)? }, rest))
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

/// The form in which `field` is stored.
fn stored(field: FilterField, value: String) -> Result<String> {
    match field {
        FilterField::Category => {
            let id = CategoryId::parse(&value).map_err(|_| {
                Error::invalid("filter", format!("`{value}` is not a category; use `categories/cat_...`"))
            })?;
            Ok(id.as_str().to_owned())
        }
        FilterField::State => {
            let word = value.strip_prefix("PRODUCT_STATE_").unwrap_or(&value);
            let state = ProductState::parse(word).ok_or_else(|| {
                Error::invalid("filter", format!("`{value}` is not a state; use DRAFT, ACTIVE or ARCHIVED"))
            })?;
            Ok(state.as_str().to_owned())
        }
        FilterField::Seller | FilterField::Brand | FilterField::ProductType => Ok(value),
    }
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
    use super::*;
    use proptest::prelude::*;

    fn restrict(field: FilterField, value: &str) -> Restriction {
        Restriction { field, value: value.to_owned() }
    }

    #[test]
    fn the_subset_is_taken() {
        assert_eq!(parse("  ").unwrap(), []);
        assert_eq!(parse("state=\"ACTIVE\"").unwrap(), [restrict(FilterField::State, "ACTIVE")]);
        assert_eq!(
            parse(" brand = \"A \\\"B\\\" \\\\C\" AND seller = \"sellers/house\" ").unwrap(),
            [restrict(FilterField::Brand, "A \"B\" \\C"), restrict(FilterField::Seller, "sellers/house")]
        );
        let category = CategoryId::generate();
        assert_eq!(
            parse(&format!("category = \"{category}\"")).unwrap(),
            [restrict(FilterField::Category, category.as_str())]
        );
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
            prop_assert_eq!(parse(&format!("brand = \"{escaped}\"")).unwrap(), [restrict(FilterField::Brand, &value)]);
        }
    }
}
