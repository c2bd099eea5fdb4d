//! WatchStock: what can be bought now and after each change, until the deadline or the end of this process.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use futures_util::{Stream, stream};
use shopmesh_kit::{db::Db, error::Result};
use shopmesh_mesh::{net::Drain, server::Call};
use shopmesh_proto::inventory::v1 as pb;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};
use tonic::Status;

use crate::{app::App, domain::stock::Availability, store::stock, translate};

/// The stream of one call.
pub type Changes = Pin<Box<dyn Stream<Item = Result<pb::Availability, Status>> + Send>>;

/// Changes made by other processes on the same database are not in this one's feed: they show within this time.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Starts with the present, then tells each change once and in order.
pub async fn answer(app: &App, call: &Call, request: pb::WatchStockRequest) -> Result<Changes> {
    let (deadline, drain) = (call.deadline, call.drain.clone());
    // Listening starts before reading, so that nothing falls in between.
    let feed = app.feed.watch();
    let variants = request.variants;
    let mut watch =
        Watch { db: app.db.clone(), feed, deadline, variants, told: HashMap::new(), next: VecDeque::new() };
    watch.read().await?;
    let changes = stream::try_unfold(watch, |mut watch| async move {
        let next = watch.next().await?;
        Ok::<_, Status>(next.map(|change| (translate::rpc::availability(change), watch)))
    });
    Ok(Box::pin(futures_util::StreamExt::take_until(changes, draining(drain))))
}

async fn draining(drain: Option<Drain>) {
    match drain {
        Some(drain) => drain.started().await,
        None => std::future::pending().await,
    }
}

struct Watch {
    db: Db,
    feed: broadcast::Receiver<Arc<[Availability]>>,
    deadline: Instant,
    variants: Vec<String>,
    /// The version of each variant that was last told.
    told: HashMap<String, i64>,
    next: VecDeque<Availability>,
}

impl Watch {
    async fn next(&mut self) -> Result<Option<Availability>> {
        loop {
            if let Some(next) = self.next.pop_front() {
                return Ok(Some(next));
            }
            tokio::select! {
                news = self.feed.recv() => match news {
                    Ok(changed) => self.take(&changed),
                    Err(RecvError::Lagged(_)) => self.read().await?,
                    Err(RecvError::Closed) => return Ok(None),
                },
                () = tokio::time::sleep(LOOK_AGAIN) => self.read().await?,
                () = tokio::time::sleep_until(self.deadline) => return Ok(None),
            }
        }
    }

    async fn read(&mut self) -> Result<()> {
        let variants: Vec<&str> = self.variants.iter().map(String::as_str).collect();
        let present = stock::availability(&self.db, &variants).await?;
        self.take(&present);
        Ok(())
    }

    /// Queues what is news to this watcher.
    fn take(&mut self, changed: &[Availability]) {
        for change in changed.iter().filter(|change| self.variants.contains(&change.variant)) {
            if self.told.get(&change.variant).is_none_or(|told| *told < change.version) {
                self.told.insert(change.variant.clone(), change.version);
                self.next.push_back(change.clone());
            }
        }
    }
}
