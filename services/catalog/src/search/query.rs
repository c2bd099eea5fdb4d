//! From what a shopper asks to what the index is asked.

use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, EmptyQuery, FuzzyTermQuery, Occur, Query, TermQuery, TermSetQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{fold, schema::Fields};

/// How much a word in the title outweighs one elsewhere.
const TITLE_BOOST: f32 = 2.0;

/// Order of the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Best match first.
    #[default]
    Relevance,
    /// Cheapest first.
    PriceAscending,
    /// Dearest first.
    PriceDescending,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// Every word must occur, the last one as a prefix. All match if it is blank, nothing if it is not and has no word.
    pub words: String,
    /// `channels/...` whose prices count; what has none there does not match.
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
    /// Whether a variant of this price is wanted.
    pub fn takes_price(&self, price: i64) -> bool {
        price >= self.min_price && (self.max_price == 0 || price <= self.max_price)
    }

    /// The query for all criteria but the price, which the collector looks at in its column.
    pub(super) fn query(&self, fields: &Fields) -> Box<dyn Query> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let words = fold::asked(&self.words);
        if words.is_empty() && !self.words.trim().is_empty() {
            return Box::new(EmptyQuery);
        }
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
