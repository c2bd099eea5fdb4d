//! The one writer of a SQLite database: it takes the writes that wait and commits them together.
//!
//! Each job runs under its own savepoint, so that a failing one undoes only itself; one COMMIT, and one flush to disk,
//! serves the whole batch. The writer owns its connection: no dropped call can leave a transaction open.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use crate::db::{
    DbError, Tx,
    job::{Job, run_guarded},
    topics::{CommitCounts, Topics},
};

/// Most jobs in one commit.
const BATCH: usize = 64;

/// What the writer is asked to do.
pub(in crate::db) enum Command {
    Write(Box<dyn Job>),
    /// Finish what is queued, checkpoint, end.
    Close(oneshot::Sender<()>),
}

/// Runs until it is told to close or every [`crate::db::Db`] is dropped.
pub(super) async fn run(mut tx: Tx, mut commands: mpsc::Receiver<Command>, counts: Arc<CommitCounts>) {
    let mut received = Vec::with_capacity(BATCH);
    let mut closing = Vec::new();
    while commands.recv_many(&mut received, BATCH).await > 0 {
        let mut jobs = VecDeque::with_capacity(received.len());
        for command in received.drain(..) {
            match command {
                Command::Write(job) => jobs.push_back(job),
                Command::Close(done) => {
                    commands.close();
                    closing.push(done);
                }
            }
        }
        while !jobs.is_empty() {
            commit_some(&mut tx, &mut jobs, &counts).await;
        }
    }
    for statement in ["PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        if let Err(error) = tx.control(statement).await {
            tracing::warn!(%error, statement, "closing the database");
        }
    }
    for done in closing {
        let _ = done.send(());
    }
}

/// Commits jobs from the front of `jobs` in one transaction. Jobs it did not start stay queued.
async fn commit_some(tx: &mut Tx, jobs: &mut VecDeque<Box<dyn Job>>, counts: &CommitCounts) {
    tx.touched = Topics::NONE;
    let savepoints = jobs.len() > 1;
    if let Err(error) = tx.control("BEGIN IMMEDIATE").await {
        rollback(tx).await;
        return fail_all(jobs.drain(..), &error);
    }
    let mut kept: Vec<Box<dyn Job>> = Vec::with_capacity(jobs.len());
    while let Some(mut job) = jobs.pop_front() {
        match run_one(tx, job.as_mut(), savepoints).await {
            Ok(true) => kept.push(job),
            Ok(false) => job.finish(),
            Err(lost) => {
                // The engine ended the transaction by itself (disk full, out of memory): all of it is undone.
                rollback(tx).await;
                kept.push(job);
                return fail_all(kept, &lost);
            }
        }
    }
    if kept.is_empty() {
        return rollback(tx).await;
    }
    match tx.control("COMMIT").await {
        Ok(()) => {
            tx.observed.committed();
            counts.committed(tx.touched);
            kept.into_iter().for_each(Job::finish);
        }
        Err(error) => {
            rollback(tx).await;
            // One job's deferred constraint must not fail its neighbors: each gets a commit of its own.
            if error.is_constraint() && kept.len() > 1 {
                for job in kept {
                    Box::pin(commit_some(tx, &mut VecDeque::from([job]), counts)).await;
                }
            } else {
                fail_all(kept, &error);
            }
        }
    }
}

/// Runs one job; `Ok` says whether to keep what it did, an error that the whole transaction is lost. A job without
/// neighbors needs no savepoint: the whole transaction is kept or not.
async fn run_one(tx: &mut Tx, job: &mut dyn Job, savepoint: bool) -> Result<bool, DbError> {
    if !savepoint {
        return Ok(run_guarded(job, tx).await);
    }
    tx.control("SAVEPOINT job").await?;
    let keep = run_guarded(job, tx).await;
    if !keep {
        tx.control("ROLLBACK TO job").await?;
    }
    tx.control("RELEASE job").await?;
    Ok(keep)
}

/// Ends the transaction if one is still open.
async fn rollback(tx: &mut Tx) {
    if let Err(error) = tx.control("ROLLBACK").await {
        tracing::debug!(%error, "rollback: the transaction had already ended");
    }
}

fn fail_all(jobs: impl IntoIterator<Item = Box<dyn Job>>, error: &DbError) {
    for mut job in jobs {
        job.fail(error.clone());
        job.finish();
    }
}
