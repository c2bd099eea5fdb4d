//! One pass over the matches: price filter, total, facets and the best of the asked order.

use std::{cmp::Reverse, collections::BinaryHeap};

use tantivy::{
    DocAddress, DocId, Score, SegmentOrdinal, SegmentReader,
    collector::{Collector, SegmentCollector},
    columnar::Column,
};

use super::{
    facets::{FacetCounts, FacetField, SegmentFacet},
    query::{Criteria, Order},
    schema::price_column,
};

/// Rank of a match: a greater key comes first, equal keys in index order.
type Rank = (u64, Reverse<DocAddress>);

/// Collects one page of matches with facets.
pub struct PageCollector {
    pub criteria: Criteria,
    /// How many of the best matches to keep.
    pub keep: usize,
}

/// What one pass finds.
#[derive(Default)]
pub struct Page {
    /// Number of matches.
    pub total: u64,
    /// The best matches, best first.
    pub best: Vec<DocAddress>,
    /// Counts in the order of `FacetField::ALL`.
    pub facets: [FacetCounts; 3],
}

/// What one segment finds.
pub struct SegmentPage {
    total: u64,
    best: Vec<Rank>,
    facets: tantivy::Result<[FacetCounts; 3]>,
}

/// Collects within one segment.
pub struct PageSegmentCollector {
    segment: SegmentOrdinal,
    criteria: Criteria,
    keep: usize,
    price: Option<Column<i64>>,
    total: u64,
    /// The worst of the best on top.
    best: BinaryHeap<Reverse<Rank>>,
    facets: [SegmentFacet; 3],
}

impl Collector for PageCollector {
    type Fruit = Page;
    type Child = PageSegmentCollector;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Self::Child> {
        let [category, brand, product_type] = FacetField::ALL;
        Ok(PageSegmentCollector {
            segment,
            criteria: self.criteria.clone(),
            keep: self.keep,
            price: reader.fast_fields().column_opt::<i64>(&price_column(&self.criteria.channel))?,
            total: 0,
            best: BinaryHeap::new(),
            facets: [
                SegmentFacet::new(reader, category)?,
                SegmentFacet::new(reader, brand)?,
                SegmentFacet::new(reader, product_type)?,
            ],
        })
    }

    fn requires_scoring(&self) -> bool {
        self.criteria.order == Order::Relevance
    }

    fn merge_fruits(&self, segments: Vec<SegmentPage>) -> tantivy::Result<Page> {
        let mut page = Page::default();
        let mut best = Vec::new();
        for segment in segments {
            page.total += segment.total;
            best.extend(segment.best);
            for (all, counts) in page.facets.iter_mut().zip(segment.facets?) {
                all.merge(counts);
            }
        }
        best.sort_unstable_by(|a, b| b.cmp(a));
        best.truncate(self.keep);
        page.best = best.into_iter().map(|(_, Reverse(address))| address).collect();
        Ok(page)
    }
}

impl SegmentCollector for PageSegmentCollector {
    type Fruit = SegmentPage;

    fn collect(&mut self, doc: DocId, score: Score) {
        // The price that is shown: the lowest that is wanted.
        let prices = self.price.iter().flat_map(|column| column.values_for_doc(doc));
        let Some(price) = prices.filter(|price| self.criteria.takes_price(*price)).min() else { return };
        self.total += 1;
        for facet in &mut self.facets {
            facet.count(doc);
        }
        let rank = (key(self.criteria.order, price, score), Reverse(DocAddress::new(self.segment, doc)));
        if self.best.len() < self.keep {
            self.best.push(Reverse(rank));
        } else if let Some(mut worst) = self.best.peek_mut()
            && rank > worst.0
        {
            worst.0 = rank;
        }
    }

    fn harvest(self) -> SegmentPage {
        let [category, brand, product_type] = self.facets;
        let facets =
            category.finish().and_then(|category| Ok([category, brand.finish()?, product_type.finish()?]));
        SegmentPage {
            total: self.total,
            best: self.best.into_iter().map(|Reverse(rank)| rank).collect(),
            facets,
        }
    }
}

/// A number that grows with how early the match is shown. Prices are greater than zero.
fn key(order: Order, price: i64, score: Score) -> u64 {
    let price = price.unsigned_abs();
    match order {
        // The bits of a non-negative float sort as the float does.
        Order::Relevance => u64::from(score.max(0.0).to_bits()),
        Order::PriceAscending => u64::MAX - price,
        Order::PriceDescending => price,
    }
}
