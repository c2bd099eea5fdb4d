//! WatchStock: the availability now, then after each change.

use super::get_availability;
use crate::App;
use shopmesh_proto::inventory::v1::{Availability, WatchStockRequest};
use std::{collections::BTreeMap, pin::Pin};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

/// The stream of WatchStock.
pub type Availabilities = Pin<Box<dyn Stream<Item = Result<Availability, Status>> + Send>>;

/// Answers that wait for a slow client; more wait in the database.
const WAITING: usize = 16;

pub async fn watch_stock(
    app: &App,
    request: Request<WatchStockRequest>,
) -> Result<Response<Availabilities>, Status> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(watch(app.clone(), request.into_inner().variants, sender));
    Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
}

/// Ends when the client goes away; the server's deadline ends the call.
async fn watch(app: App, variants: Vec<String>, sender: mpsc::Sender<Result<Availability, Status>>) {
    // Subscribed before the first read: a change in between is told twice rather than never.
    let mut changes = app.changes.subscribe();
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    let mut stale = variants.clone();
    loop {
        for variant in std::mem::take(&mut stale) {
            let answer = get_availability::of(&app, variant).await.map_err(Status::from);
            let news = match &answer {
                Ok(now) => told.insert(now.variant.clone(), now.version) != Some(now.version),
                Err(_) => true,
            };
            if news && (sender.send(answer).await.is_err()) {
                return;
            }
        }
        let change = tokio::select! {
            () = sender.closed() => return,
            change = changes.recv() => change,
        };
        match change {
            Ok(changed) => {
                stale = variants.iter().filter(|variant| changed.contains(variant)).cloned().collect()
            }
            Err(RecvError::Lagged(_)) => stale.clone_from(&variants),
            Err(RecvError::Closed) => return,
        }
    }
}
