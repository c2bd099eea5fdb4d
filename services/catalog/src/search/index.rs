//! The index on disk: opened or built anew, searched, and written by one writer at a time.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, TantivyError, Term,
    directory::MmapDirectory, indexer::IndexWriterOptions, schema::Value,
};

use super::{
    collector::PageCollector,
    document::{self, Offer, StoredHit},
    facets::FacetCounts,
    query::Criteria,
    schema::{self, Fields},
};
use crate::domain::{
    product::{Product, ProductState},
    taxonomy::Taxonomy,
};

/// Heap of the writer: the least tantivy allows. The index of 92,000 products is built with it in seconds.
const WRITER_HEAP_BYTES: usize = 16_000_000;

/// Why the index failed. It holds nothing that cannot be built anew.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the search index at {path}: {source}")]
    Folder { path: PathBuf, source: io::Error },
    #[error("the search index: {0}")]
    Tantivy(#[from] TantivyError),
    #[error("a stored hit of the search index: {0}")]
    Hit(#[from] serde_json::Error),
}

/// How far the index has followed the event table; committed with the documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Schema version.
    pub version: u32,
    /// Position of the last event applied.
    pub position: i64,
    /// Id of that event: another one at its position means that the database is another.
    pub event: String,
    /// Revision of the category tree the documents were placed in.
    pub taxonomy: i64,
}

impl Cursor {
    /// Of an index that is to be filled from the first event on, with documents placed in the tree of this revision.
    pub fn start(taxonomy: i64) -> Self {
        Self { version: schema::VERSION, taxonomy, ..Self::default() }
    }
}

/// A page of matches.
#[derive(Debug)]
pub struct Found {
    /// The page.
    pub hits: Vec<Hit>,
    /// Number of matches.
    pub total: u64,
    /// Counts in the order of `FacetField::ALL`.
    pub facets: [FacetCounts; 3],
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// `products/...`.
    pub product: String,
    pub title: String,
    pub brand: String,
    pub product_type: String,
    /// `categories/...`, or empty.
    pub category: String,
    /// The cheapest variant in the channel asked for, whatever prices were asked for.
    pub offer: Option<Offer>,
}

/// The index of this instance.
pub struct ProductIndex {
    index: Index,
    reader: IndexReader,
    fields: Fields,
}

impl ProductIndex {
    /// Opens the index in `folder`. One that is missing, damaged or of another schema version is replaced by an empty one,
    /// whose cursor makes the indexer build it anew.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let failed = |source| IndexError::Folder { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        if let Ok(index) = Self::open_existing(folder)
            && index.cursor()?.is_some()
        {
            return Ok(index);
        }
        fs::remove_dir_all(folder).and_then(|()| fs::create_dir_all(folder)).map_err(failed)?;
        let (schema, _) = schema::build();
        Self::new(Index::create_in_dir(folder, schema)?)
    }

    fn open_existing(folder: &Path) -> Result<Self, IndexError> {
        let directory = MmapDirectory::open(folder).map_err(TantivyError::from)?;
        let (schema, _) = schema::build();
        let index = Index::open(directory)?;
        if index.schema() != schema {
            return Err(TantivyError::SchemaError("another version".to_owned()).into());
        }
        Self::new(index)
    }

    fn new(index: Index) -> Result<Self, IndexError> {
        schema::register(&index);
        let (_, fields) = schema::build();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    /// How far the index has come; `None` when nothing of this schema version was ever committed.
    pub fn cursor(&self) -> Result<Option<Cursor>, IndexError> {
        let payload = self.index.load_metas()?.payload;
        let cursor = payload.and_then(|payload| serde_json::from_str::<Cursor>(&payload).ok());
        Ok(cursor.filter(|cursor| cursor.version == schema::VERSION))
    }

    /// Number of products in it.
    pub fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// The matches from `offset` on, at most `limit`, with total and facets over all of them.
    pub fn search(&self, criteria: &Criteria, offset: usize, limit: usize) -> Result<Found, IndexError> {
        let searcher = self.reader.searcher();
        let collector = PageCollector { criteria: criteria.clone(), keep: offset.saturating_add(limit) };
        let page = searcher.search(&*criteria.query(&self.fields), &collector)?;
        let channel = schema::channel_id(&criteria.channel);
        let mut hits = Vec::with_capacity(limit);
        for address in page.best.into_iter().skip(offset) {
            let document: TantivyDocument = searcher.doc(address)?;
            let stored =
                document.get_first(self.fields.hit).and_then(|value| value.as_bytes().map(<[u8]>::to_vec));
            hits.push(shown(serde_json::from_slice(&stored.unwrap_or_default())?, channel));
        }
        Ok(Found { hits, total: page.total, facets: page.facets })
    }

    /// Takes the one writer; dropping it gives its memory back.
    pub fn writer(&self) -> Result<Writer, IndexError> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(WRITER_HEAP_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let inner = self.index.writer_with_options(options)?;
        Ok(Writer { inner, reader: self.reader.clone(), fields: self.fields })
    }
}

fn shown(stored: StoredHit, channel: &str) -> Hit {
    let StoredHit { product, title, brand, product_type, category, mut offers } = stored;
    let offer = offers.remove(channel);
    Hit { product, title, brand, product_type, category, offer }
}

/// Changes the index. Nothing is seen by searches before `commit`.
pub struct Writer {
    inner: IndexWriter,
    reader: IndexReader,
    fields: Fields,
}

impl Writer {
    /// Removes every product.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.inner.delete_all_documents()?;
        Ok(())
    }

    /// Makes the index show `product` as it is: only an active one is found.
    pub fn put(&mut self, product: &Product, taxonomy: &Taxonomy) -> Result<(), IndexError> {
        self.inner.delete_term(Term::from_field_text(self.fields.id, product.id.as_str()));
        if product.state == ProductState::Active {
            self.inner.add_document(document::build(&self.fields, product, taxonomy)?)?;
        }
        Ok(())
    }

    /// Makes all changes visible at once and remembers `cursor` with them.
    pub fn commit(&mut self, cursor: &Cursor) -> Result<(), IndexError> {
        let mut commit = self.inner.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(cursor)?);
        commit.commit()?;
        self.reader.reload()?;
        Ok(())
    }

    /// Ends the writer after its running merges.
    pub fn close(self) -> Result<(), IndexError> {
        self.inner.wait_merging_threads()?;
        self.reader.reload()?;
        Ok(())
    }
}
