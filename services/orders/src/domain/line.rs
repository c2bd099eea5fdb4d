//! Lines of carts and orders, the quotes they are priced with, and their totals in minor units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shopmesh_kit::{
    error::{Error, Result},
    money::{Currency, Money},
};

/// Units of one variant at the price they were last quoted. The currency belongs to the cart or order around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `variants/...`.
    pub variant: String,
    /// `products/...`.
    pub product: String,
    /// `sellers/...`.
    pub seller: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Shown name.
    pub title: String,
    /// Units; 1 to 10,000.
    pub quantity: i64,
    /// Price of one unit in minor units.
    pub unit_minor: i64,
}

impl Line {
    /// A line of `quantity` units at a quote.
    pub fn quoted(variant: &str, quantity: i64, quote: &Quote) -> Self {
        Self {
            variant: variant.to_owned(),
            product: quote.product.clone(),
            seller: quote.seller.clone(),
            sku: quote.sku.clone(),
            title: quote.title.clone(),
            quantity,
            unit_minor: quote.unit_price.minor,
        }
    }

    /// Price of one unit.
    pub fn unit_price(&self, currency: Currency) -> Money {
        Money { minor: self.unit_minor, currency }
    }

    /// quantity x unit price. More than fits is a LIMIT violation.
    pub fn total(&self, currency: Currency) -> Result<Money> {
        let minor = self.unit_minor.checked_mul(self.quantity).ok_or_else(|| too_much(&self.variant))?;
        Ok(Money { minor, currency })
    }
}

/// Sum of the lines. More than fits is a LIMIT violation.
pub fn total(lines: &[Line], currency: Currency) -> Result<Money> {
    let mut minor = 0_i64;
    for line in lines {
        let of_line = line.total(currency)?.minor;
        minor = minor.checked_add(of_line).ok_or_else(|| too_much(&line.variant))?;
    }
    Ok(Money { minor, currency })
}

/// Sum of the lines, if it may be charged: no more than [`Money::LARGEST_CHARGE`], so that the books of many orders add up.
pub fn charge(lines: &[Line], currency: Currency) -> Result<Money> {
    let total = total(lines, currency)?;
    match lines.iter().max_by_key(|line| line.unit_minor.saturating_mul(line.quantity)) {
        Some(largest) if total.minor > Money::LARGEST_CHARGE => Err(too_much(&largest.variant)),
        _ => Ok(total),
    }
}

fn too_much(variant: &str) -> Error {
    Error::precondition("LIMIT", variant, "the total is larger than can be charged; order fewer units")
}

/// A variant as the catalog sells it now.
#[derive(Clone, Debug)]
pub struct Quote {
    /// `products/...`.
    pub product: String,
    /// `sellers/...`.
    pub seller: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Shown name.
    pub title: String,
    /// Price of one unit.
    pub unit_price: Money,
}

/// The catalog's answer about a set of variants: what it sells, by `variants/...`.
#[derive(Clone, Debug, Default)]
pub struct Quotes(pub BTreeMap<String, Quote>);

impl Quotes {
    /// The quote of a variant, if it is sold in `currency`.
    pub fn offer(&self, variant: &str, currency: Currency) -> Option<&Quote> {
        self.0.get(variant).filter(|quote| quote.unit_price.currency == currency)
    }
}

/// Why a line cannot be bought as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineProblem {
    /// It is no longer sold in the channel.
    NotSold,
    /// Fewer units are available than it holds.
    OutOfStock,
    /// A unit costs something else by now.
    PriceChanged,
}

/// What the peers say of some variants; nothing when they do not answer.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// The catalog's quotes.
    pub quotes: Option<Quotes>,
    /// Units that can be bought, by `variants/...`.
    pub available: Option<BTreeMap<String, i64>>,
}

impl Offers {
    /// What is known against buying `line` now; the gravest first.
    pub fn problem_of(&self, line: &Line, currency: Currency) -> Option<LineProblem> {
        let quote = self.quotes.as_ref().map(|quotes| quotes.offer(&line.variant, currency));
        let available = self.available.as_ref().map(|all| all.get(&line.variant).copied().unwrap_or(0));
        match (quote, available) {
            (Some(None), _) => Some(LineProblem::NotSold),
            (_, Some(units)) if units < line.quantity => Some(LineProblem::OutOfStock),
            (Some(Some(quote)), _) if quote.unit_price.minor != line.unit_minor => {
                Some(LineProblem::PriceChanged)
            }
            _ => None,
        }
    }
}

/// Why lines cannot be bought at the prices they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceProblem {
    /// These variants are no longer sold.
    Unavailable(Vec<String>),
    /// These variants cost something else now; the lines as they are priced today come along.
    Changed {
        /// Variants whose price moved.
        variants: Vec<String>,
        /// All lines at today's prices.
        lines: Vec<Line>,
    },
}

/// Prices `lines` with fresh quotes. Only lines that are all sold, at the prices they show, come back.
pub fn reprice(lines: &[Line], quotes: &Quotes, currency: Currency) -> Result<Vec<Line>, PriceProblem> {
    let mut fresh = Vec::with_capacity(lines.len());
    let mut gone = Vec::new();
    let mut moved = Vec::new();
    for line in lines {
        match quotes.offer(&line.variant, currency) {
            None => gone.push(line.variant.clone()),
            Some(quote) => {
                if quote.unit_price.minor != line.unit_minor {
                    moved.push(line.variant.clone());
                }
                fresh.push(Line::quoted(&line.variant, line.quantity, quote));
            }
        }
    }
    if !gone.is_empty() {
        return Err(PriceProblem::Unavailable(gone));
    }
    if !moved.is_empty() {
        return Err(PriceProblem::Changed { variants: moved, lines: fresh });
    }
    Ok(fresh)
}
