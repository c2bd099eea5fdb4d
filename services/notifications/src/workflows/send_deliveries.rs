//! Sends what is due: claims deliveries, asks identity for addresses, renders, hands over, writes down how it went.
//! Several may run at once, also in several processes.
//!
//! Each step may be the last before a crash. A claimed delivery is due again when its claim ends, so nothing is lost;
//! a message that had left is sent a second time with the same Message-ID.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use shopmesh_kit::error::Result;
use shopmesh_mesh::net::Drain;

use crate::{
    app::App,
    domain::delivery::{Delivery, Outcome},
    mail::compose,
    store::deliveries,
    templates,
};

/// Pause between looks for due deliveries: mail need not be faster.
const EVERY: Duration = Duration::from_millis(250);
/// Deliveries claimed at once; with the timeouts of a try they fit into a claim.
const BATCH: i64 = 16;
const SIDE_BY_SIDE: usize = 8;
/// How long a claim lasts.
const LEASE: Duration = Duration::from_secs(60);

/// Runs until the drain starts; what was claimed is finished.
pub async fn run(app: Arc<App>, drain: Drain) {
    while !drain.is_started() {
        let more = match send_due(&app).await {
            Ok(sent) => sent > 0,
            Err(error) => {
                tracing::warn!(%error, "deliveries cannot be read or written; trying again");
                false
            }
        };
        if !more {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = drain.started() => return,
            }
        }
    }
}

/// Tries a batch of what is due. Returns how many deliveries it tried.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn send_due(app: &App) -> Result<usize> {
    let now = app.clock.now();
    if !deliveries::any_due(&app.db, now).await? {
        return Ok(0);
    }
    let lease = now + LEASE;
    let claim =
        app.db.write((now, lease), |tx, (now, lease)| Box::pin(deliveries::claim(tx, BATCH, *now, *lease)));
    let claimed = claim.await?;
    let tried = claimed.len();
    let addresses = app.identity.addresses(&claimed).await;
    let tries = claimed.into_iter().map(|delivery| {
        let addresses = &addresses;
        async move {
            let outcome = match addresses {
                Ok(addresses) => try_once(app, &delivery, addresses.get(&delivery.recipient.name())).await,
                Err(problem) => Outcome::Postponed(problem.clone()),
            };
            delivery.settled(outcome, app.clock.now())
        }
    });
    let settled: Vec<Delivery> = stream::iter(tries).buffer_unordered(SIDE_BY_SIDE).collect().await;
    let settle = app
        .db
        .write((settled, lease), |tx, (settled, lease)| Box::pin(deliveries::settle(tx, settled, *lease)));
    settle.await?;
    Ok(tried)
}

async fn try_once(app: &App, delivery: &Delivery, address: Option<&String>) -> Outcome {
    let Some(address) = address else {
        return Outcome::Refused("the recipient has no account any more".to_owned());
    };
    let Some(template) = templates::find(&delivery.template) else {
        return Outcome::Refused("this version has no such template".to_owned());
    };
    let rendered = match template.render(&delivery.variables) {
        Ok(rendered) => rendered,
        Err(error) => return Outcome::Refused(format!("the template {error}")),
    };
    match compose(delivery, app.mailer.from(), address, rendered) {
        Ok(message) => app.mailer.send(delivery, message).await,
        Err(problem) => Outcome::Refused(problem),
    }
}
