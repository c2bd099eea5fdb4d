//! Writes on PostgreSQL: each job in a transaction and a task of its own, run again after a lost race.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;

use crate::db::{
    DbError, Tx,
    condition::Observed,
    job::{Job, run_guarded},
    topics::CommitCounts,
};

/// Times a job is run before its caller is told that the database is busy.
const ATTEMPTS: u32 = 5;
const BACKOFF: Duration = Duration::from_millis(5);

/// Starts a write; a dropped caller does not stop it, so that no transaction is left open on a pooled connection.
pub(in crate::db) fn spawn(
    pool: PgPool,
    mut job: Box<dyn Job>,
    counts: Arc<CommitCounts>,
    observed: Arc<Observed>,
) {
    tokio::spawn(async move {
        for attempt in 1..=ATTEMPTS {
            match write_once(&pool, job.as_mut(), &counts, &observed).await {
                Ok(()) => break,
                Err(DbError::Busy) if attempt < ATTEMPTS => {
                    tokio::time::sleep(BACKOFF * attempt * attempt).await
                }
                Err(error) => {
                    job.fail(error);
                    break;
                }
            }
        }
        job.finish();
    });
}

/// One transaction. An error means that nothing was kept and the job may run again; a job's own failure is its result.
async fn write_once(
    pool: &PgPool,
    job: &mut dyn Job,
    counts: &CommitCounts,
    observed: &Arc<Observed>,
) -> Result<(), DbError> {
    let mut tx = Tx::postgres(pool.acquire().await?, observed.clone());
    tx.control("BEGIN").await?;
    let ended = match run_guarded(job, &mut tx).await {
        true => tx.control("COMMIT").await,
        false => tx.control("ROLLBACK").await,
    };
    match ended {
        Ok(()) => {
            observed.committed();
            counts.committed(tx.touched);
        }
        // The state of this connection is not known: it must not return to the pool.
        Err(_) => tx.discard(),
    }
    ended
}
