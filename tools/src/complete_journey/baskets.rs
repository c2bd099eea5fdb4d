//! Baskets as they were bought, in the order of time.

use std::collections::HashMap;

use super::{Dirt, DirtCounts, Files, Table};

/// A line as the till wrote it, dirt included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoldLine {
    pub product: Option<i64>,
    pub quantity: Option<i64>,
    pub value: Option<f64>,
}

/// What a household bought at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Basket {
    pub id: i64,
    pub household: i64,
    pub lines: Vec<SoldLine>,
}

impl Basket {
    /// Reads the first `most` baskets of the year, and counts the lines of the whole year that belong to no basket:
    /// those without a basket or a household, or of another household than their basket's first line.
    ///
    /// # Errors
    /// When the file cannot be read or has other columns.
    pub fn read_first(files: &Files, most: usize) -> anyhow::Result<(Vec<Self>, DirtCounts)> {
        let table = Table::open(&files.transactions)?;
        let ids = table.integers("basket_id")?;
        let households = table.integers("household_id")?;
        let times = table.times("transaction_timestamp")?;
        let mut starts: HashMap<i64, (i64, i64)> = HashMap::new();
        for ((id, household), time) in ids.iter().zip(&households).zip(times) {
            if let Some((id, household)) = id.zip(*household) {
                starts.entry(id).or_insert((time.unwrap_or(i64::MAX), household));
            }
        }
        let mut order: Vec<_> =
            starts.iter().map(|(id, (time, household))| (*time, *id, *household)).collect();
        order.sort_unstable();
        order.truncate(most);
        let mut baskets: Vec<Self> = order
            .iter()
            .map(|(_, id, household)| Self { id: *id, household: *household, lines: Vec::new() })
            .collect();
        let places: HashMap<i64, usize> =
            baskets.iter().enumerate().map(|(at, basket)| (basket.id, at)).collect();
        let quantities = table.integers("quantity")?;
        let values = table.numbers("sales_value")?;
        let lines = table.integers("product_id")?.into_iter().zip(quantities).zip(values);
        let mut dirt = DirtCounts::default();
        for ((id, household), ((product, quantity), value)) in ids.into_iter().zip(households).zip(lines) {
            let of = id.zip(household);
            let of = of.filter(|(id, household)| starts.get(id).is_some_and(|(_, first)| first == household));
            let Some((id, _)) = of else {
                dirt.add(Dirt::LineAstray);
                continue;
            };
            if let Some(place) = places.get(&id) {
                baskets[*place].lines.push(SoldLine { product, quantity, value });
            }
        }
        Ok((baskets, dirt))
    }
}
