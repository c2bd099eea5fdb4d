//! What the shop sells of the grocer's products, and for how much.

use std::collections::{BTreeMap, HashMap};

use anyhow::ensure;
use shopmesh_proto::catalog::v1::{Product, ProductState};

use super::{entry::Line, money::cents, operator::Operator};
use crate::complete_journey::{Basket, CHANNEL, Dirt, DirtCounts, clean, product_of};

/// Variant and price in cents by the grocer's product id.
pub struct Catalog(HashMap<i64, (String, i64)>);

impl Catalog {
    /// Reads the shop's catalog.
    ///
    /// # Errors
    /// When nothing of the grocer's is in it.
    pub async fn read(operator: &Operator) -> anyhow::Result<Self> {
        let offers: HashMap<_, _> = operator.products().await?.into_iter().filter_map(offer).collect();
        ensure!(
            !offers.is_empty(),
            "the shop sells nothing of this grocer: run `shopmesh import complete-journey` first"
        );
        Ok(Self(offers))
    }

    /// What of a basket can be bought, with what a variant comes to on several lines summed up; dirty lines are counted.
    pub fn lines(&self, basket: &Basket, dirt: &mut DirtCounts) -> Vec<Line> {
        let mut wanted: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for line in &basket.lines {
            let offered = clean(line.product, line.quantity, line.value)
                .and_then(|line| Ok((line.units, self.0.get(&line.product).ok_or(Dirt::NotForSale)?)));
            match offered {
                Ok((units, (variant, cents))) => wanted.entry(variant).or_insert((0, *cents)).0 += units,
                Err(reason) => dirt.add(reason),
            }
        }
        wanted.into_iter().map(|(variant, (units, cents))| Line(variant.to_owned(), units, cents)).collect()
    }
}

/// What an active product of the grocer's costs; one without a price in the default channel is not for sale.
fn offer(product: Product) -> Option<(i64, (String, i64))> {
    let id = product_of(&product.code)?;
    let is_active = product.state() == ProductState::Active;
    let variant = product.variants.into_iter().next().filter(|_| is_active)?;
    let price = variant.prices.into_iter().find(|price| price.channel == CHANNEL)?;
    Some((id, (variant.name, cents(&price.amount?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complete_journey::SoldLine;

    #[test]
    fn lines_of_one_product_are_one_and_dirt_stays_behind() {
        let line = |product, quantity, value| SoldLine {
            product: Some(product),
            quantity: Some(quantity),
            value: Some(value),
        };
        let lines = vec![line(1, 2, 3.0), line(1, 1, 1.5), line(2, 0, 1.0), line(3, 1, 1.0)];
        let catalog = Catalog([(1, ("variants/a".to_owned(), 150))].into());
        let mut dirt = DirtCounts::default();
        let lines = catalog.lines(&Basket { id: 70, household: 5, lines }, &mut dirt);
        assert_eq!(lines, [Line("variants/a".to_owned(), 3, 150)]);
        assert_eq!((dirt.count(Dirt::QuantityNotPositive), dirt.count(Dirt::NotForSale)), (1, 1));
    }
}
