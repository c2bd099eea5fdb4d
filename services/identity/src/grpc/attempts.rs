//! Trying passwords: counted before they are looked at, so that attempts side by side count too, and slowed down where
//! they are wrong again and again (`domain/guessing.rs`).

use std::time::Duration;

use shopmesh_kit::error::{Error, Result};

use super::origin::Origin;
use crate::{
    app::App,
    passwords::BUSY,
    store::attempts::{self as rows, Keys},
    usecases::attempts,
};

/// An attempt that may be looked at.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Under which keys it counts.
    pub keys: Keys,
    /// How long it has to wait.
    pub hold: Duration,
}

/// Counts an attempt at the account of `email_key`, whether there is one or not; `None` when it is not to be looked at.
pub async fn admit(app: &App, email_key: &[u8], origin: &Origin) -> Result<Option<Attempt>> {
    let keys = Keys {
        place: app.counter_key(&[b"place", email_key, origin.as_bytes()]),
        address: app.counter_key(&[b"address", origin.as_bytes()]),
        account: app.counter_key(&[b"account", email_key]),
    };
    let job = (keys.clone(), app.clock.now());
    let hold = app.db.write(job, |tx, (keys, now)| Box::pin(attempts::admit(tx, keys, *now)));
    Ok(hold.await?.map(|hold| Attempt { keys, hold }))
}

impl Attempt {
    /// Waits as long as it has to.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED when too many wait already.
    pub async fn wait(&self, app: &App) -> Result<()> {
        let _waiting = app.waiting.try_acquire().map_err(|_| Error::exhausted(BUSY, self.hold))?;
        tokio::time::sleep(self.hold).await;
        Ok(())
    }

    /// It was wrong.
    pub async fn failed(self, app: &App) -> Result<()> {
        let job = (self.keys, app.clock.now());
        app.db.write(job, |tx, (keys, now)| Box::pin(attempts::fail(tx, keys, *now))).await
    }

    /// It was none, or right.
    pub async fn forgive(self, app: &App) -> Result<()> {
        Ok(app.db.write(self.keys, |tx, keys| Box::pin(rows::forgive(tx, keys))).await?)
    }
}
