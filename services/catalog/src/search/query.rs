//! From what a shopper asks to what the index is asked.

use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery, TermSetQuery},
    schema::{Field, IndexRecordOption},
};

use super::schema::{Fields, words};

/// How much a word in the title outweighs one elsewhere.
const TITLE_BOOST: f32 = 2.0;

/// Order of the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Best match first.
    #[default]
    Relevance,
    /// Cheapest first; what has no price in the channel comes last.
    PriceAscending,
    /// Dearest first; what has no price in the channel comes last.
    PriceDescending,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// Every word must occur, the last one as a prefix; without a word all match.
    pub words: String,
    /// `channels/...` whose prices count.
    pub channel: String,
    /// Id of a category; what is in it or below matches.
    pub category: Option<String>,
    /// Any of these; empty means all.
    pub brands: Vec<String>,
    /// Any of these; empty means all.
    pub product_types: Vec<String>,
    /// Lowest price in minor units; 0 means none.
    pub min_price: i64,
    /// Highest price in minor units; 0 means none.
    pub max_price: i64,
    /// Order of the hits.
    pub order: Order,
}

impl Criteria {
    /// Whether a product of this price (`None`: not sold in the channel) is wanted.
    pub fn takes_price(&self, price: Option<i64>) -> bool {
        if self.min_price == 0 && self.max_price == 0 {
            return true;
        }
        price.is_some_and(|price| price >= self.min_price && (self.max_price == 0 || price <= self.max_price))
    }

    /// The query for all criteria but the price, which the collector looks at in its column.
    pub(super) fn query(&self, fields: &Fields) -> Box<dyn Query> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let words = words(&self.words);
        if let Some((prefix, whole)) = words.split_last() {
            for word in whole {
                clauses.push((Occur::Must, term(fields.text, word)));
            }
            // Distance 0: a plain prefix. Its score is constant, so the whole word counts on top where it occurs.
            let prefixed = FuzzyTermQuery::new_prefix(Term::from_field_text(fields.text, prefix), 0, false);
            clauses.push((Occur::Must, Box::new(prefixed)));
            clauses.push((Occur::Should, term(fields.text, prefix)));
            for word in &words {
                clauses
                    .push((Occur::Should, Box::new(BoostQuery::new(term(fields.title, word), TITLE_BOOST))));
            }
        }
        if let Some(category) = &self.category {
            clauses.push((Occur::Must, unscored(any_of(fields.category, std::slice::from_ref(category)))));
        }
        for (field, values) in [(fields.brand, &self.brands), (fields.product_type, &self.product_types)] {
            if !values.is_empty() {
                clauses.push((Occur::Must, unscored(any_of(field, values))));
            }
        }
        if clauses.is_empty() { Box::new(AllQuery) } else { Box::new(BooleanQuery::new(clauses)) }
    }
}

fn term(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

fn any_of(field: Field, values: &[String]) -> Box<dyn Query> {
    Box::new(TermSetQuery::new(values.iter().map(|value| Term::from_field_text(field, value))))
}

/// A filter decides what matches, not how well.
fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, 0.0))
}
