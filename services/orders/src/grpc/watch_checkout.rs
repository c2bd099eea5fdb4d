//! WatchCheckout: the checkout now and after each change, until it is settled.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, stream};
use shopmesh_kit::{error::Result, saga::Progress};
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tokio::{sync::watch, time::Instant};
use tonic::Status;

use super::{authorized, wait::next_look};
use crate::{app::App, domain::checkout::Checkout, ids::CheckoutId, store::checkouts, translate};

/// The stream of one call.
pub type Checkouts = Pin<Box<dyn Stream<Item = Result<pb::Checkout, Status>> + Send>>;

/// Sends each distinct state once. Ends when settled, or with DEADLINE_EXCEEDED.
pub async fn answer(app: &Arc<App>, call: &Call, request: pb::WatchCheckoutRequest) -> Result<Checkouts> {
    let (app, deadline) = (app.clone(), call.deadline);
    let id = authorized::checkout(&app, call, &request.name).await?.id;
    let watch = Watch { changes: app.checkouts.changed(&id.name()), app, id, deadline, sent: None };
    let checkouts = stream::try_unfold(watch, |mut watch| async move {
        let next = watch.next().await?;
        Ok(next.map(|checkout| (translate::rpc::checkout(&checkout), watch)))
    });
    Ok(Box::pin(checkouts))
}

struct Watch {
    app: Arc<App>,
    id: CheckoutId,
    changes: watch::Receiver<Progress>,
    deadline: Instant,
    sent: Option<Checkout>,
}

impl Watch {
    async fn next(&mut self) -> Result<Option<Checkout>, Status> {
        if self.sent.as_ref().is_some_and(|sent| sent.state.is_settled()) {
            return Ok(None);
        }
        loop {
            let checkout = checkouts::get(&self.app.db, &self.id).await?;
            if self.sent.as_ref() != Some(&checkout) {
                self.sent = Some(checkout.clone());
                return Ok(Some(checkout));
            }
            if Instant::now() >= self.deadline {
                return Err(Status::deadline_exceeded("the checkout still runs; watch it again"));
            }
            next_look(&mut self.changes, self.deadline, |_| true).await;
        }
    }
}
