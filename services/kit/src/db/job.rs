//! One write as the engines see it: run it, then tell its caller how the commit went.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{DbError, Tx};
use crate::BoxFuture;

/// Longest time a job may hold the transaction. Jobs are SQL only, so this only ends a defect, such as a job that
/// waits for another write.
const JOB_LIMIT: Duration = Duration::from_secs(10);

/// A queued write.
pub(super) trait Job: Send {
    /// Runs the job; may be called again after a rollback. `true`: keep what it did.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool>;
    /// Replaces the job's own result by a failure of the engine.
    fn fail(&mut self, error: DbError);
    /// Answers the caller, if it still listens.
    fn finish(self: Box<Self>);
}

/// A write with its types.
pub(super) struct TypedJob<D, T, E, F> {
    pub(super) data: D,
    pub(super) job: F,
    pub(super) result: Option<Result<T, E>>,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
}

impl<D, T, E, F> Job for TypedJob<D, T, E, F>
where
    D: Send + Sync,
    T: Send,
    E: From<DbError> + Send,
    F: for<'t> Fn(&'t mut Tx, &'t D) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, bool> {
        let running = (self.job)(tx, &self.data);
        let result = &mut self.result;
        Box::pin(async move {
            let answer = running.await;
            let keep = answer.is_ok();
            *result = Some(answer);
            keep
        })
    }

    fn fail(&mut self, error: DbError) {
        self.result = Some(Err(E::from(error)));
    }

    fn finish(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| Err(E::from(DbError::Closed)));
        // A caller that went away does not undo its write.
        let _ = self.reply.send(result);
    }
}

/// Runs a job; a panic or an endless one becomes its failure.
pub(super) async fn run_guarded(job: &mut dyn Job, tx: &mut Tx) -> bool {
    // The call itself may panic too, before it returns a future.
    let running = AssertUnwindSafe(async { job.run(tx).await }).catch_unwind();
    let failure = match tokio::time::timeout(JOB_LIMIT, running).await {
        Ok(Ok(keep)) => return keep,
        Ok(Err(_)) => DbError::Panicked,
        Err(_) => DbError::Timeout,
    };
    job.fail(failure);
    false
}
