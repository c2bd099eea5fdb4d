//! Keeps the search index up with the event table: reads which products changed, and shows them as they are now.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use shopmesh_kit::{
    db::Topic,
    error::Error,
    events::{self, Envelope},
};
use shopmesh_mesh::net::Drain;

use crate::{
    app::App,
    domain::{product::Product, taxonomy::Taxonomy},
    ids::ProductId,
    search::{Cursor, IndexError, Writer},
    store::{
        categories,
        products::{self, PRODUCTS_AT_ONCE},
    },
};

/// Events read at once.
const BATCH: usize = 1000;

/// Longest time changes wait for more to share their commit.
const COMMIT_AFTER: Duration = Duration::from_millis(300);

/// How often to look without being woken: another instance may have written.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks without a change before the writer and its heap are given up.
const IDLE_LOOKS: u32 = 20;

/// Follows the event table.
pub struct Indexer {
    app: Arc<App>,
    writer: Option<Writer>,
    /// What was committed last, once it is known to belong to this database.
    cursor: Option<Cursor>,
    taxonomy: Arc<Taxonomy>,
}

/// What some events have changed.
struct Batch {
    changed: Vec<ProductId>,
    position: i64,
    event: String,
}

impl Indexer {
    /// Keeps the index of `app` up with the events of its database.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, writer: None, cursor: None, taxonomy: Arc::default() }
    }

    /// Follows until the drain starts. Failures are logged and tried again: searches go on with what there is.
    pub async fn run(mut self, drain: Drain) {
        let mut committed = self.app.db.committed(Topic::Events);
        let mut idle = 0;
        loop {
            match self.catch_up().await {
                Ok(0) => idle += 1,
                Ok(_) => idle = 0,
                Err(error) => {
                    tracing::warn!(%error, "the search index fell behind; trying again");
                    self.writer = None;
                }
            }
            if idle == IDLE_LOOKS {
                self.close_writer().await;
            }
            tokio::select! {
                () = drain.started() => break,
                _ = committed.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.close_writer().await;
    }

    /// Applies every event there is; the number of products written.
    pub async fn catch_up(&mut self) -> Result<usize, anyhow::Error> {
        let revision = categories::revision(&self.app.db).await?;
        let known = self.cursor().await?.filter(|cursor| cursor.taxonomy == revision);
        let rebuild = known.is_none();
        let mut cursor = match known {
            Some(cursor) => cursor,
            None => {
                tracing::info!(revision, "building the search index anew");
                self.load_taxonomy().await?;
                Cursor::start(self.taxonomy.revision)
            }
        };
        // A rebuild goes on serving the old documents: the new ones replace them in one commit.
        let replaces = rebuild && self.app.index.len() > 0;
        let (mut written, mut uncommitted) = (0, rebuild);
        if rebuild {
            self.with_writer(Writer::clear).await?;
        }
        let mut since = Instant::now();
        while let Some(batch) = self.read(cursor.position).await? {
            (cursor.position, cursor.event) = (batch.position, batch.event);
            written += batch.changed.len();
            uncommitted = true;
            for chunk in batch.changed.chunks(PRODUCTS_AT_ONCE) {
                self.write(products::by_ids(&self.app.db, chunk).await?).await?;
            }
            if !replaces && since.elapsed() >= COMMIT_AFTER {
                self.commit(&cursor).await?;
                uncommitted = false;
                since = Instant::now();
            }
        }
        if uncommitted {
            self.commit(&cursor).await?;
        }
        Ok(written)
    }

    /// How far the index has come; `None` when it does not belong to this database.
    async fn cursor(&mut self) -> Result<Option<Cursor>, anyhow::Error> {
        if self.cursor.is_none()
            && let Some(stored) = self.app.index.cursor()?
        {
            let at_cursor = events::read_after(&self.app.db, stored.position - 1, 1).await?;
            let same = |(position, event): &(i64, Envelope)| {
                *position == stored.position && event.id == stored.event
            };
            if stored.position == 0 || at_cursor.first().is_some_and(same) {
                self.cursor = Some(stored);
            }
        }
        Ok(self.cursor.clone())
    }

    /// What was changed after `position`.
    async fn read(&mut self, position: i64) -> Result<Option<Batch>, Error> {
        let entries = events::read_after(&self.app.db, position, BATCH).await?;
        let Some((position, last)) = entries.last() else { return Ok(None) };
        let changed: BTreeSet<&str> = entries.iter().map(|(_, event)| event.subject.as_str()).collect();
        let changed = changed.into_iter().filter_map(|name| ProductId::parse(name).ok()).collect();
        Ok(Some(Batch { changed, position: *position, event: last.id.clone() }))
    }

    async fn load_taxonomy(&mut self) -> Result<(), Error> {
        self.taxonomy = Arc::new(categories::taxonomy(&self.app.db).await?);
        Ok(())
    }

    async fn write(&mut self, products: Vec<Product>) -> Result<(), anyhow::Error> {
        let mut placed = products.iter().filter_map(|product| product.content.category.as_ref());
        if placed.any(|category| !self.taxonomy.contains(category)) {
            self.load_taxonomy().await?;
        }
        let taxonomy = Arc::clone(&self.taxonomy);
        self.with_writer(move |writer| products.iter().try_for_each(|product| writer.put(product, &taxonomy)))
            .await
    }

    async fn commit(&mut self, cursor: &Cursor) -> Result<(), anyhow::Error> {
        let committed = cursor.clone();
        self.with_writer(move |writer| writer.commit(&committed)).await?;
        self.cursor = Some(cursor.clone());
        Ok(())
    }

    /// Runs `job` on the writer off the async threads: it touches the disk. A failed writer is dropped with its changes.
    async fn with_writer(
        &mut self,
        job: impl FnOnce(&mut Writer) -> Result<(), IndexError> + Send + 'static,
    ) -> Result<(), anyhow::Error> {
        let (index, writer) = (Arc::clone(&self.app.index), self.writer.take());
        let work = move || {
            let mut writer = match writer {
                Some(writer) => writer,
                None => index.writer()?,
            };
            job(&mut writer)?;
            Ok::<_, IndexError>(writer)
        };
        self.writer = Some(tokio::task::spawn_blocking(work).await??);
        Ok(())
    }

    /// Gives the writer's memory back.
    async fn close_writer(&mut self) {
        if let Some(writer) = self.writer.take() {
            match tokio::task::spawn_blocking(move || writer.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "closing the search index"),
                Err(error) => tracing::warn!(%error, "closing the search index"),
            }
        }
    }
}
