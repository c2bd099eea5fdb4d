//! Trying passwords: counted before they are looked at, so that attempts side by side count too, and slowed down where
//! they are wrong again and again (`domain/guessing.rs`).

use std::time::Duration;

use shopmesh_kit::{db::Db, error::Result};

use crate::{
    app::App,
    domain::guessing::Guess,
    grpc::Origin,
    store::attempts::{self, Keys},
};

/// An attempt that may be looked at. It counts as a wrong password until it is forgiven.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Under which keys it counts.
    pub keys: Keys,
    /// Whether the account was used from there.
    pub known: bool,
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
    let counted = app.db.write(job, |tx, (keys, now)| {
        Box::pin(async move {
            let mut guess: Guess = attempts::load(&mut *tx, keys).await?;
            let hold = guess.admit(*now);
            if hold.is_some() {
                attempts::save(tx, keys, &guess).await?;
            }
            Ok::<_, shopmesh_kit::Error>(hold.map(|hold| (hold, guess.known)))
        })
    });
    Ok(counted.await?.map(|(hold, known)| Attempt { keys, known, hold }))
}

impl Attempt {
    /// Waits as long as it has to; `false` when too many wait already.
    pub async fn wait(&self, app: &App) -> bool {
        if self.hold.is_zero() {
            return true;
        }
        let Ok(_waiting) = app.waiting.try_acquire() else { return false };
        tokio::time::sleep(self.hold).await;
        true
    }

    /// Takes it back: it was no wrong password.
    pub async fn forgive(self, db: &Db) -> Result<()> {
        let forgive =
            db.write(self, |tx, attempt| Box::pin(attempts::forgive(tx, &attempt.keys, attempt.known)));
        Ok(forgive.await?)
    }
}
