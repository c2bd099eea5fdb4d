//! Counts of property values over all matches: by ordinal while matching, by value at the end.

use std::{cmp::Reverse, collections::HashMap};

use tantivy::{DocId, SegmentReader, columnar::StrColumn};

/// Most values a facet shows.
const MAX_VALUES: usize = 50;

/// A property that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetField {
    /// Every category that holds a match, itself or below: as many as the category filter would find.
    Category,
    /// Brand.
    Brand,
    /// Product type.
    ProductType,
}

impl FacetField {
    /// The counted properties, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Category, Self::Brand, Self::ProductType];

    /// Its name in the contract and in the index.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Brand => "brand",
            Self::ProductType => "product_type",
        }
    }
}

/// Counts of the values of one property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FacetCounts {
    counts: HashMap<String, u64>,
}

impl FacetCounts {
    /// Adds the counts of another segment.
    pub fn merge(&mut self, other: Self) {
        for (value, count) in other.counts {
            *self.counts.entry(value).or_default() += count;
        }
    }

    /// The most frequent values first, equals by value; at most 50.
    pub fn top(self) -> Vec<(String, u64)> {
        let mut values: Vec<_> = self.counts.into_iter().collect();
        values.sort_unstable_by(|(a, a_count), (b, b_count)| {
            Reverse(a_count).cmp(&Reverse(b_count)).then(a.cmp(b))
        });
        values.truncate(MAX_VALUES);
        values
    }
}

/// Counts one property within one segment.
pub struct SegmentFacet {
    column: Option<StrColumn>,
    by_ordinal: Vec<u64>,
}

impl SegmentFacet {
    /// Counts `field` in the segment of `reader`.
    pub fn new(reader: &SegmentReader, field: FacetField) -> tantivy::Result<Self> {
        let column = reader.fast_fields().str(field.as_str())?;
        let by_ordinal = vec![0; column.as_ref().map_or(0, |column| column.num_terms())];
        Ok(Self { column, by_ordinal })
    }

    /// Counts the values of `doc`.
    pub fn count(&mut self, doc: DocId) {
        let Some(column) = &self.column else { return };
        for ordinal in column.ords().values_for_doc(doc) {
            if let Some(count) = usize::try_from(ordinal).ok().and_then(|at| self.by_ordinal.get_mut(at)) {
                *count += 1;
            }
        }
    }

    /// The counts by value.
    pub fn finish(self) -> tantivy::Result<FacetCounts> {
        let Some(column) = self.column else { return Ok(FacetCounts::default()) };
        let (ordinals, found): (Vec<u64>, Vec<u64>) =
            (0..).zip(self.by_ordinal).filter(|(_, count)| *count > 0).unzip();
        let mut found = found.into_iter();
        let mut counts = HashMap::with_capacity(ordinals.len());
        // One walk over the sorted dictionary: looking terms up one by one would open a block each.
        column.dictionary().sorted_ords_to_term_cb(&ordinals, |term| {
            if let Some(count) = found.next() {
                counts.insert(String::from_utf8_lossy(term).into_owned(), count);
            }
        })?;
        Ok(FacetCounts { counts })
    }
}
