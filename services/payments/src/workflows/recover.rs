//! Takes up what a crash, a caller that went away or a silent provider left unfinished.

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{error::Result, events::Cause};
use shopmesh_mesh::net::Drain;

use super::{capture, refund, sync, void};
use crate::{
    app::App,
    domain::payment::{Intent, Payment},
    store::{payments, refunds},
};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);
/// What changed since is still being worked on by its own call.
const UNTOUCHED: Duration = Duration::from_secs(30);
/// When nobody comes back any more with the token of a payment whose first answer is missing: orders gives up a
/// checkout within eight minutes.
const ABANDONED: Duration = Duration::from_mins(15);
/// Payments and refunds at once.
const BATCH: i64 = 50;

/// Runs until the drain starts.
pub async fn run(app: Arc<App>, drain: Drain) {
    loop {
        if let Err(error) = recover(&app).await {
            tracing::warn!(%error, "unfinished payments cannot be looked up; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = drain.started() => return,
        }
    }
}

/// Asks the provider once about everything unfinished. What fails is told, and left for later.
///
/// # Errors
/// When the database cannot be read.
pub async fn recover(app: &App) -> Result<()> {
    let now = app.clock.now();
    for payment in payments::unfinished(&app.db, now - UNTOUCHED, now - ABANDONED, BATCH).await? {
        let cause = Cause::background(payment.id.name(), now);
        if let Err(error) = finish(app, &payment, &cause).await {
            tracing::warn!(payment = %payment.id, %error, "a payment stays unfinished");
        }
    }
    for pending in refunds::pending(&app.db, now - UNTOUCHED, BATCH).await? {
        let (name, cause) = (pending.name(), Cause::background(pending.name(), now));
        let payment = payments::get(&app.db, &pending.payment).await?;
        if let Err(error) = refund::finish(app, &payment, pending, &cause).await {
            tracing::warn!(refund = name, %error, "a refund stays unfinished");
        }
    }
    Ok(())
}

async fn finish(app: &App, payment: &Payment, cause: &Cause) -> Result<Payment> {
    match payment.intent {
        Intent::Capture => capture::run(app, &payment.checkout, cause).await,
        Intent::Void => void::run(app, &payment.checkout, cause).await,
        Intent::Nothing => sync::run(app, &payment.checkout, cause).await,
    }
}
