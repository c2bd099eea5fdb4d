//! Carts: ACTIVE -> CHECKING_OUT -> CONVERTED, and back to ACTIVE when a checkout fails. One cart, one currency.

use std::collections::{BTreeSet, HashMap};

use shopmesh_kit::{
    clock::Timestamp,
    error::{Error, Result},
    money::{Currency, Money},
};

use super::line::{self, Line, Quotes};
use crate::ids::{CartId, CheckoutId};

/// Lines a cart can hold.
pub const MAX_LINES: usize = 500;
/// Units a line can hold.
pub const MAX_QUANTITY: i64 = 10_000;

/// State of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CartState {
    /// Can be changed.
    Active,
    /// A checkout runs; frozen.
    CheckingOut,
    /// Became an order.
    Converted,
}

/// Units of a variant that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `variants/...`.
    pub variant: String,
    /// Units; 0 takes the line out when quantities are set.
    pub quantity: i64,
}

/// What a request means by its quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Added to what is there.
    Add,
    /// Put in the place of what is there.
    Set,
}

/// What a shopper means to buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cart {
    /// Id.
    pub id: CartId,
    /// `users/...`.
    pub owner: String,
    /// `channels/...`.
    pub channel: String,
    /// Currency of the channel.
    pub currency: Currency,
    /// State.
    pub state: CartState,
    /// At most [`MAX_LINES`], one per variant.
    pub lines: Vec<Line>,
    /// The checkout that runs or made the order.
    pub checkout: Option<CheckoutId>,
    /// Grows with each change.
    pub version: i64,
    /// When it was opened.
    pub created: Timestamp,
    /// Last change.
    pub updated: Timestamp,
}

impl Cart {
    /// An empty cart.
    pub fn open(id: CartId, owner: String, channel: String, currency: Currency, now: Timestamp) -> Self {
        Self {
            id,
            owner,
            channel,
            currency,
            state: CartState::Active,
            lines: Vec::new(),
            checkout: None,
            version: 1,
            created: now,
            updated: now,
        }
    }

    /// Sum of the lines.
    pub fn subtotal(&self) -> Result<Money> {
        line::total(&self.lines, self.currency)
    }

    /// The total a shopper expects, in minor units; one in another currency is refused.
    pub fn expected_minor(&self, expected: Option<Money>) -> Result<Option<i64>> {
        match expected {
            Some(total) if total.currency != self.currency => {
                let problem = format!("must be {}, the currency of the cart", self.currency.code());
                Err(Error::invalid("expected_total.currency_code", problem))
            }
            expected => Ok(expected.map(|total| total.minor)),
        }
    }

    /// The variants to quote for a change: those wanted, and as many of those there already as one quote takes.
    pub fn variants_to_quote(&self, wanted: &[Wanted]) -> Vec<String> {
        let removed: BTreeSet<&str> =
            wanted.iter().filter(|item| item.quantity == 0).map(|item| item.variant.as_str()).collect();
        let added = wanted.iter().map(|item| item.variant.as_str());
        let kept = self.lines.iter().map(|line| line.variant.as_str());
        let mut seen = BTreeSet::new();
        added
            .chain(kept)
            .filter(|variant| !removed.contains(variant) && seen.insert(*variant))
            .take(MAX_LINES)
            .map(str::to_owned)
            .collect()
    }

    /// Changes quantities and prices every line anew. Nothing changes when any item is refused.
    /// Returns whether anything is different.
    pub fn change(
        &mut self,
        how: Change,
        wanted: &[Wanted],
        quotes: &Quotes,
        now: Timestamp,
    ) -> Result<bool> {
        self.require(CartState::Active)?;
        if how == Change::Set {
            refuse_repeats(wanted)?;
        }
        let mut lines = self.lines.clone();
        let mut index: HashMap<String, usize> =
            lines.iter().enumerate().map(|(at, line)| (line.variant.clone(), at)).collect();
        let mut gone = BTreeSet::new();
        for item in wanted {
            match (index.get(&item.variant), quotes.offer(&item.variant, self.currency)) {
                (Some(&at), _) if item.quantity == 0 && how == Change::Set => lines[at].quantity = 0,
                (None, _) if item.quantity == 0 => {}
                (_, None) => {
                    gone.insert(item.variant.as_str());
                }
                (Some(&at), Some(_)) => {
                    let before = if how == Change::Add { lines[at].quantity } else { 0 };
                    lines[at].quantity = before.saturating_add(item.quantity);
                }
                (None, Some(quote)) => {
                    index.insert(item.variant.clone(), lines.len());
                    lines.push(Line::quoted(&item.variant, item.quantity, quote));
                }
            }
        }
        refuse_unavailable(&gone)?;
        lines.retain(|line| line.quantity != 0);
        for line in &mut lines {
            if let Some(quote) = quotes.offer(&line.variant, self.currency) {
                *line = Line::quoted(&line.variant, line.quantity, quote);
            }
        }
        self.replace_lines(lines, now)
    }

    fn replace_lines(&mut self, lines: Vec<Line>, now: Timestamp) -> Result<bool> {
        if lines.len() > MAX_LINES {
            return Err(self.too_many_lines());
        }
        if let Some(line) = lines.iter().find(|line| !(1..=MAX_QUANTITY).contains(&line.quantity)) {
            let problem = format!("a line holds 1 to {MAX_QUANTITY} units, not {}", line.quantity);
            return Err(Error::precondition("LIMIT", line.variant.as_str(), problem));
        }
        line::charge(&lines, self.currency)?;
        if lines == self.lines {
            return Ok(false);
        }
        self.lines = lines;
        self.touch(now);
        Ok(true)
    }

    /// ACTIVE -> CHECKING_OUT. An empty cart, or one that costs nothing, is a STATE violation.
    pub fn begin_checkout(&mut self, checkout: CheckoutId, now: Timestamp) -> Result<()> {
        self.require(CartState::Active)?;
        if self.lines.is_empty() {
            return Err(Error::precondition("STATE", self.id.name(), "the cart is empty; add lines first"));
        }
        if line::charge(&self.lines, self.currency)?.minor <= 0 {
            return Err(Error::precondition(
                "STATE",
                self.id.name(),
                "the cart costs nothing; there is nothing to pay",
            ));
        }
        self.state = CartState::CheckingOut;
        self.checkout = Some(checkout);
        self.touch(now);
        Ok(())
    }

    /// CHECKING_OUT -> ACTIVE after `checkout` failed, with the lines as it last priced them.
    pub fn reopen(&mut self, checkout: &CheckoutId, lines: Vec<Line>, now: Timestamp) -> Result<()> {
        self.require_checkout(checkout)?;
        self.state = CartState::Active;
        self.checkout = None;
        self.lines = lines;
        self.touch(now);
        Ok(())
    }

    /// CHECKING_OUT -> CONVERTED when `checkout` placed the order.
    pub fn convert(&mut self, checkout: &CheckoutId, now: Timestamp) -> Result<()> {
        self.require_checkout(checkout)?;
        self.state = CartState::Converted;
        self.touch(now);
        Ok(())
    }

    /// Refuses anything but an ACTIVE cart, for changes and deletion.
    pub fn require_active(&self) -> Result<()> {
        self.require(CartState::Active)
    }

    fn require(&self, state: CartState) -> Result<()> {
        if self.state == state {
            return Ok(());
        }
        let problem = match self.state {
            CartState::Active => "the cart is not in checkout",
            CartState::CheckingOut => "a checkout of the cart runs; wait for its outcome",
            CartState::Converted => "the cart became an order; open another one",
        };
        Err(Error::precondition("STATE", self.id.name(), problem))
    }

    fn require_checkout(&self, checkout: &CheckoutId) -> Result<()> {
        self.require(CartState::CheckingOut)?;
        if self.checkout.as_ref() == Some(checkout) {
            return Ok(());
        }
        Err(Error::precondition("STATE", self.id.name(), "another checkout of the cart runs"))
    }

    fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.updated = now;
    }

    fn too_many_lines(&self) -> Error {
        let problem = format!("a cart holds at most {MAX_LINES} lines; take some out first");
        Error::precondition("LIMIT", self.id.name(), problem)
    }
}

fn refuse_repeats(wanted: &[Wanted]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (at, item) in wanted.iter().enumerate() {
        if !seen.insert(item.variant.as_str()) {
            let field = format!("lines[{at}].variant");
            return Err(Error::invalid(&field, "is named twice; name each variant once"));
        }
    }
    Ok(())
}

fn refuse_unavailable(variants: &BTreeSet<&str>) -> Result<()> {
    const PROBLEM: &str = "is not sold in this channel; take it out";
    let mut rest = variants.iter();
    let Some(first) = rest.next() else { return Ok(()) };
    let error = Error::precondition("UNAVAILABLE_ITEM", *first, PROBLEM);
    Err(rest.fold(error, |error, variant| error.with_violation("UNAVAILABLE_ITEM", *variant, PROBLEM)))
}

#[cfg(test)]
mod tests;
