//! The fields of the index, and its tokenizer.

use tantivy::{
    Index,
    schema::{
        FAST, Field, IndexRecordOption, JsonObjectOptions, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions,
    },
    tokenizer::{Token, TokenStream, Tokenizer},
};

use super::fold;

/// Raise it whenever fields, words or stored hits change: an index of another version is built anew.
pub const VERSION: u32 = 2;

const WORDS: &str = "words";

/// Handles of the fields.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Id of the product; what an update replaces by.
    pub id: Field,
    /// Words of the title, which weigh more.
    pub title: Field,
    /// Words of everything, the title included.
    pub text: Field,
    /// The product's category and every one above it.
    pub category: Field,
    /// Brand, as a whole.
    pub brand: Field,
    /// Product type, as a whole.
    pub product_type: Field,
    /// Every price in minor units, by channel id.
    pub price: Field,
    /// What a hit shows, as JSON.
    pub hit: Field,
}

/// Name of the numeric column with the prices of `channels/<id>`.
pub fn price_column(channel: &str) -> String {
    format!("price.{}", channel_id(channel))
}

/// The id in `channels/<id>`.
pub fn channel_id(channel: &str) -> &str {
    channel.strip_prefix("channels/").unwrap_or(channel)
}

/// The schema and the handles of its fields.
pub fn build() -> (Schema, Fields) {
    // Frequencies without positions: the queries need no phrases, and positions would double the index.
    let words =
        TextFieldIndexing::default().set_tokenizer(WORDS).set_index_option(IndexRecordOption::WithFreqs);
    let words = TextOptions::default().set_indexing_options(words);
    let facet = STRING | FAST;
    let mut schema = Schema::builder();
    let fields = Fields {
        id: schema.add_text_field("id", STRING),
        title: schema.add_text_field("title", words.clone()),
        text: schema.add_text_field("text", words),
        category: schema.add_text_field("category", facet.clone()),
        brand: schema.add_text_field("brand", facet.clone()),
        product_type: schema.add_text_field("product_type", facet),
        price: schema.add_json_field("price", JsonObjectOptions::from(FAST)),
        hit: schema.add_bytes_field("hit", STORED),
    };
    (schema.build(), fields)
}

/// Teaches `index` how to cut text into words.
pub fn register(index: &Index) {
    index.tokenizers().register(WORDS, Folding);
}

/// Cuts text as [`fold::words`] does.
#[derive(Clone)]
struct Folding;

/// The words that are left, and the one that is shown.
struct Words {
    left: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Folding {
    type TokenStream<'a> = Words;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Words {
        Words { left: fold::words(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for Words {
    fn advance(&mut self) -> bool {
        let Some(word) = self.left.next() else { return false };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = word;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
