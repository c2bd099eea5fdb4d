//! What RPCs hold of a saga runner: wake a saga, wait for its next change.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

/// What watchers of a saga are told, with each stored step and each wake-up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Whether it is over.
    pub is_over: bool,
}

/// A handle to a runner of this process; clones share it.
#[derive(Clone, Default)]
pub struct SagaHandle(Arc<Shared>);

#[derive(Default)]
struct Shared {
    woken: Mutex<HashSet<String>>,
    wakeups: Notify,
    watchers: Mutex<HashMap<String, watch::Sender<Progress>>>,
}

impl SagaHandle {
    /// Makes the runner look at a saga now, even if it waits, and tells those who watch it.
    pub fn wake(&self, id: &str) {
        lock(&self.0.woken).insert(id.to_owned());
        self.0.wakeups.notify_one();
        self.announce(id, false);
    }

    /// Changes after each stored step of the saga. Subscribe before reading its state, and look again now and then:
    /// steps of a runner in another process are not seen here.
    pub fn changed(&self, id: &str) -> watch::Receiver<Progress> {
        let mut watchers = lock(&self.0.watchers);
        // Watched sagas are few; the entries nobody listens to any more go here and in `announce`.
        watchers.retain(|_, sender| sender.receiver_count() > 0);
        watchers.entry(id.to_owned()).or_default().subscribe()
    }

    /// Tells the watchers of a saga that it has changed.
    pub(super) fn announce(&self, id: &str, is_over: bool) {
        let mut watchers = lock(&self.0.watchers);
        let Some(sender) = watchers.get(id) else { return };
        sender.send_modify(|progress| progress.is_over |= is_over);
        if sender.receiver_count() == 0 {
            watchers.remove(id);
        }
    }

    /// Ids woken since the last call.
    pub(super) fn take_woken(&self) -> HashSet<String> {
        std::mem::take(&mut *lock(&self.0.woken))
    }

    /// Gives back ids whose saga could not be run yet.
    pub(super) fn keep_woken(&self, ids: impl IntoIterator<Item = String>) {
        lock(&self.0.woken).extend(ids);
    }

    /// Resolves after a wake-up.
    pub(super) async fn woken(&self) {
        self.0.wakeups.notified().await;
    }
}

/// Nothing panics while these locks are held; if it did, their content would still be whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
