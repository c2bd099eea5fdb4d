//! What a journal says: what the client asked for, and what it was told.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::ensure;

use super::{
    entry::{Entry, Stocked, Units},
    purchase::{Purchase, Stage},
};

/// Everything the client knows by itself.
#[derive(Debug, Default)]
pub struct Memory {
    /// Part of every request id; `None` of a new journal.
    pub run: Option<u32>,
    /// Units before anything was bought, by variant.
    pub baseline: BTreeMap<String, Units>,
    /// `users/...` by household; empty when only its sign-up was sent.
    pub users: HashMap<i64, String>,
    /// Baskets that were begun.
    pub purchases: BTreeMap<i64, Purchase>,
}

impl Memory {
    /// Takes the next entry.
    ///
    /// # Errors
    /// When it cannot follow the entries before it.
    pub fn take(&mut self, entry: Entry) -> anyhow::Result<()> {
        match entry {
            Entry::Opened { run } => {
                ensure!(self.run.is_none(), "a second opening cannot follow the first");
                self.run = Some(run);
            }
            Entry::Baseline { stock } => {
                self.baseline.extend(stock.into_iter().map(|Stocked(variant, units)| (variant, units)));
            }
            Entry::SignUp { household } => {
                self.users.entry(household).or_default();
            }
            Entry::SignedIn { household, user } => {
                self.users.insert(household, user);
            }
            Entry::Basket { basket, event } => {
                // Its first event names the household.
                let unknown = || Purchase::new(basket, 0, Vec::new());
                self.purchases.entry(basket).or_insert_with(unknown).take(&event)?;
            }
        }
        Ok(())
    }

    /// Accounts that have signed in, as `users/...`.
    pub fn shoppers(&self) -> HashSet<&str> {
        self.users.values().filter(|user| !user.is_empty()).map(String::as_str).collect()
    }

    /// Purchases that became an order.
    pub fn placed(&self) -> impl Iterator<Item = &Purchase> {
        self.purchases.values().filter(|purchase| purchase.order.is_some())
    }

    /// Purchases that became an order and were sent off.
    pub fn shipped(&self) -> impl Iterator<Item = &Purchase> {
        self.placed().filter(|purchase| purchase.stage == Stage::Shipped)
    }

    /// How often something was refused, by reason.
    pub fn refusals(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for purchase in self.purchases.values() {
            for reason in purchase.refusals.iter().chain(&purchase.turned_away) {
                *counts.entry(reason.as_str()).or_default() += 1;
            }
        }
        counts
    }
}
