//! Access tokens that are void before they expire: identity's list, kept up to date in the memory of each server.
//!
//! A position in the list and a call that waits for more: what identity commits is here milliseconds later, or with the
//! next look a second later when another process of identity's wrote it. While identity cannot be asked, what is known
//! stays, and other tokens end with their expiry.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use shopmesh_proto::identity::v1::{
    ReadRevocationsRequest, Revocation, revocation_service_client::RevocationServiceClient,
};
use tokio::{sync::watch, time::Instant};
use tonic::Status;

use super::tokens::{Claims, is_past};
use crate::{ServiceName, client::MeshClient, context, net::Drain};

/// Entries read at once: what the contract allows.
const PAGE: i32 = 1_000;
/// How long identity waits for news before it answers without.
const WAIT: Duration = Duration::from_secs(1);
/// An answer takes at most this long.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Pause after a failure.
const PAUSE: Duration = Duration::from_millis(250);
/// An outage of identity's that lasts longer is logged.
const OUTAGE_LOGGED_AFTER: Duration = Duration::from_secs(2);
/// Entries in memory, some 15 MB. Each is kept for the life of a token.
const MAX_ENTRIES: usize = 100_000;
/// A call waits at most this long for the first list.
const FIRST_LIST: Duration = Duration::from_secs(2);

/// What identity has revoked. Clones share it.
#[derive(Clone)]
pub struct Revocations(Arc<Shared>);

struct Shared {
    list: RwLock<List>,
    /// Counts what changed; 0 until the list was read to its end for the first time.
    changes: watch::Sender<u64>,
}

impl Revocations {
    pub fn new() -> Self {
        Self(Arc::new(Shared { list: RwLock::new(List::new(MAX_ENTRIES)), changes: watch::Sender::new(0) }))
    }

    /// Whether the list has been read once; waits a moment for it. What is not known cannot be held against a token.
    pub async fn are_known(&self) -> bool {
        let mut changes = self.0.changes.subscribe();
        if *changes.borrow_and_update() > 0 {
            return true;
        }
        tokio::time::timeout(FIRST_LIST, changes.wait_for(|count| *count > 0)).await.is_ok()
    }

    /// Whether a token is void.
    pub fn include(&self, claims: &Claims) -> bool {
        self.0.list.read().unwrap_or_else(PoisonError::into_inner).includes(claims)
    }

    /// Resolves when a token becomes void.
    pub async fn until_include(self, claims: Claims) {
        let mut changes = self.0.changes.subscribe();
        while !self.include(&claims) {
            // The sender lives as long as this list.
            let _ = changes.changed().await;
        }
    }

    /// Follows identity's list until the drain starts.
    pub async fn follow(&self, mesh: &MeshClient, drain: Drain) {
        let mut identity = RevocationServiceClient::new(mesh.channel(ServiceName::Identity));
        let (mut position, mut to_the_end) = (0, false);
        let mut outage = Outage::default();
        loop {
            let wait_ms = if to_the_end { i32::try_from(WAIT.as_millis()).unwrap_or(0) } else { 0 };
            let request = ReadRevocationsRequest { after: position, page_size: PAGE, wait_ms };
            let read = context::scope(context::background(TIMEOUT), identity.read_revocations(request));
            let read = tokio::select! {
                read = read => read,
                () = drain.started() => return,
            };
            match read {
                Ok(answer) => {
                    let entries = answer.into_inner().revocations;
                    position = entries.last().map_or(position, |last| last.position);
                    to_the_end = i32::try_from(entries.len()).is_ok_and(|count| count < PAGE);
                    outage = Outage::default();
                    self.take(entries, to_the_end);
                }
                Err(status) => {
                    outage.goes_on(&status);
                    tokio::select! {
                        () = tokio::time::sleep(PAUSE) => {}
                        () = drain.started() => return,
                    }
                }
            }
        }
    }

    fn take(&self, entries: Vec<Revocation>, to_the_end: bool) {
        let news = !entries.is_empty();
        {
            let mut list = self.0.list.write().unwrap_or_else(PoisonError::into_inner);
            entries.into_iter().for_each(|entry| list.add(entry));
            list.forget_expired();
        }
        self.0.changes.send_if_modified(|count| {
            let changed = to_the_end && (news || *count == 0);
            *count += u64::from(changed);
            changed
        });
    }
}

/// A time in which identity cannot be asked.
#[derive(Default)]
struct Outage {
    since: Option<Instant>,
    told: bool,
}

impl Outage {
    /// Logs once that it lasts. A service that restarts is back before.
    fn goes_on(&mut self, status: &Status) {
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= OUTAGE_LOGGED_AFTER && !std::mem::replace(&mut self.told, true) {
            tracing::warn!(%status, "identity's revocations cannot be read; those that are known are kept");
        }
    }
}

/// The entries, each until its tokens have expired.
struct List {
    void: HashMap<Arc<str>, Void>,
    /// Subjects in the order they came, with the expiry of their entry.
    order: VecDeque<(i64, Arc<str>)>,
    limit: usize,
    /// Tokens that expire no later are void: the coarse rule that stands for the entries that had no room. Their
    /// owners refresh.
    floor: i64,
}

/// Which tokens of a subject are void.
struct Void {
    below_version: i64,
    expires_at: i64,
}

impl List {
    fn new(limit: usize) -> Self {
        Self { void: HashMap::new(), order: VecDeque::new(), limit, floor: 0 }
    }

    fn includes(&self, claims: &Claims) -> bool {
        let void = |subject: &str| self.void.get(subject).map(|void| void.below_version);
        claims.expires_at <= self.floor
            || void(&claims.session).is_some()
            || void(&claims.subject).is_some_and(|version| claims.account_version < version)
    }

    fn add(&mut self, entry: Revocation) {
        let subject: Arc<str> = entry.subject.into();
        let expires_at = entry.expire_time.unwrap_or_default().seconds;
        let void = self.void.entry(subject.clone()).or_insert(Void { below_version: 0, expires_at: 0 });
        void.below_version = void.below_version.max(entry.below_version);
        void.expires_at = void.expires_at.max(expires_at);
        self.order.push_back((expires_at, subject));
        while self.order.len() > self.limit {
            let dropped = self.drop_first();
            self.floor = self.floor.max(dropped);
        }
    }

    fn forget_expired(&mut self) {
        while self.order.front().is_some_and(|(expires_at, _)| is_past(*expires_at)) {
            self.drop_first();
        }
    }

    /// Drops the oldest entry, and its subject unless a later entry is about it. Answers its expiry.
    fn drop_first(&mut self) -> i64 {
        let Some((expires_at, subject)) = self.order.pop_front() else { return 0 };
        if self.void.get(&subject).is_some_and(|void| void.expires_at <= expires_at) {
            self.void.remove(&subject);
        }
        expires_at
    }
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn now() -> i64 {
        i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap()
    }

    fn entry(subject: &str, below_version: i64, expires_at: i64) -> Revocation {
        let expire_time = Some(Timestamp { seconds: expires_at, nanos: 0 });
        Revocation { position: 1, subject: subject.to_owned(), below_version, expire_time }
    }

    fn claims(session: &str, account_version: i64, expires_at: i64) -> Claims {
        Claims {
            subject: "users/u".to_owned(),
            session: session.to_owned(),
            bindings: Vec::new(),
            account_version,
            expires_at,
        }
    }

    #[test]
    fn a_session_is_void_whole_and_an_account_below_a_version() {
        let (mut list, soon) = (List::new(10), now() + 300);
        list.add(entry("sessions/a", 0, soon));
        list.add(entry("users/u", 5, soon));
        list.add(entry("users/u", 4, soon));
        for (session, version, void) in
            [("sessions/a", 9, true), ("sessions/b", 4, true), ("sessions/b", 5, false), ("", 5, false)]
        {
            assert_eq!(list.includes(&claims(session, version, soon)), void, "{session} {version}");
        }
    }

    #[test]
    fn entries_are_kept_as_long_as_a_token_may_be_taken() {
        let mut list = List::new(10);
        list.add(entry("sessions/old", 0, now() - 60));
        list.add(entry("sessions/just", 0, now() - 1));
        list.add(entry("sessions/old", 0, now() + 300));
        list.forget_expired();
        assert!(list.includes(&claims("sessions/just", 1, now())), "within the leeway");
        assert!(list.includes(&claims("sessions/old", 1, now())), "prolonged");
        assert_eq!((list.order.len(), list.void.len()), (2, 2));
    }

    #[test]
    fn without_room_older_tokens_are_void_whoever_holds_them() {
        let (mut list, soon) = (List::new(2), now() + 300);
        for number in 0..5 {
            list.add(entry(&format!("sessions/{number}"), 0, soon + number));
        }
        assert_eq!((list.order.len(), list.void.len()), (2, 2));
        assert!(list.includes(&claims("sessions/0", 1, soon)), "dropped, and still void");
        assert!(list.includes(&claims("sessions/innocent", 1, soon + 2)));
        assert!(!list.includes(&claims("sessions/innocent", 1, soon + 3)), "after a refresh");
    }
}
