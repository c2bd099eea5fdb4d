//! Whose the units of a variant are: its seller's in the catalog, whoever names them first.

use std::{collections::HashMap, time::Duration};

use shopmesh_kit::{
    Backoff,
    error::{Error, Result},
};
use shopmesh_mesh::server::Call;
use tokio::time::Instant;

use crate::{app::App, store::variants};

const PAUSES: Backoff = Backoff::doubling(Duration::from_millis(5), Duration::from_millis(160));

/// The seller of each of `variants`. One that the catalog made a moment ago may not be heard of yet, so an unknown one
/// is waited for, during half of the call's time.
///
/// # Errors
/// NOT_FOUND names the first that stays unknown, and when to try again.
pub async fn of(app: &App, call: &Call, variants: &[&str]) -> Result<HashMap<String, String>> {
    let latest = Instant::now() + call.deadline.saturating_duration_since(Instant::now()) / 2;
    let mut looks = 0;
    loop {
        let known = variants::sellers(&app.db, variants).await?;
        let Some(unknown) = variants.iter().find(|variant| !known.contains_key(**variant)) else {
            return Ok(known);
        };
        if Instant::now() >= latest {
            return Err(Error::not_found(unknown).with_retry_after(Duration::from_secs(1)));
        }
        tokio::time::sleep_until(latest.min(Instant::now() + PAUSES.after(looks))).await;
        looks += 1;
    }
}
