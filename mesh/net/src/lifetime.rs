//! How long a connection lives: it must ask for something soon, not sleep too long, and not grow too old.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::{jitter::jittered, limits};

/// How long a connection may be silent.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// Until its first request's headers; for each further head of HTTP/1.1 from its first byte on, at most twice that.
    pub headers: Duration,
    /// Between requests.
    pub idle: Duration,
}

impl Default for ConnectionTimeouts {
    fn default() -> Self {
        Self { headers: limits::FIRST_REQUEST_TIMEOUT, idle: limits::IDLE_TIMEOUT }
    }
}

/// Requests of one connection.
#[derive(Debug)]
pub struct ConnectionLifetime {
    timeouts: ConnectionTimeouts,
    opened: Instant,
    requests: AtomicU64,
    running: AtomicUsize,
    last: Mutex<Instant>,
    is_http1: AtomicBool,
    /// When bytes last came, milliseconds after `opened`. HTTP/2 only.
    received_at: AtomicU64,
    /// When the head began that is being read, milliseconds after `opened`; 0 for none. HTTP/1.1 only.
    head_since: AtomicU64,
    /// Requests that were read whole, when nothing else is on its way; or [`NOT_QUIESCENT`]. HTTP/1.1 only.
    whole: AtomicU64,
}

const NOT_QUIESCENT: u64 = u64::MAX;

/// A running request; dropping it ends it.
#[derive(Debug)]
pub struct ActiveRequest(Arc<ConnectionLifetime>);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It never asked for anything, or never finishes asking: cut.
    Timeout,
    /// It is idle or old: let running requests finish.
    Graceful,
}

impl ConnectionLifetime {
    /// A connection that is open now.
    pub fn new(timeouts: ConnectionTimeouts) -> Arc<Self> {
        let opened = Instant::now();
        Arc::new(Self {
            timeouts,
            opened,
            requests: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            last: Mutex::new(opened),
            is_http1: AtomicBool::new(false),
            received_at: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            whole: AtomicU64::new(NOT_QUIESCENT),
        })
    }

    /// Notes the start of a request.
    pub fn begin(self: &Arc<Self>, is_http1: bool) -> ActiveRequest {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.is_http1.store(is_http1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        ActiveRequest(self.clone())
    }

    /// Notes that bytes came. Between two requests of HTTP/1.1 they begin a head, which must not take forever (Slowloris).
    pub fn note_received(&self) {
        let now = || u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        if !self.is_http1.load(Ordering::Relaxed) {
            self.received_at.store(now(), Ordering::Relaxed);
        } else if self.is_idle() {
            // The first byte counts.
            let _ = self.head_since.compare_exchange(0, now(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// When bytes last came. HTTP/2 only.
    pub fn last_received(&self) -> Instant {
        self.opened + Duration::from_millis(self.received_at.load(Ordering::Relaxed))
    }

    /// Notes how many requests have been read whole, if all that was written has left and no part of another one has come.
    pub fn note_whole(&self, requests: Option<u64>) {
        self.whole.store(requests.unwrap_or(NOT_QUIESCENT), Ordering::Relaxed);
    }

    /// Resolves when all requests that came are answered, and none has come for a while. HTTP/1.1 only.
    pub async fn until_quiescent(&self) {
        loop {
            let now = Instant::now();
            let is_quiet = self.whole.load(Ordering::Relaxed) == self.requests();
            let next = match self.idle_since().filter(|_| is_quiet) {
                Some(since) if now >= since + limits::HTTP1_BUFFER_TIMEOUT => return,
                Some(since) => since + limits::HTTP1_BUFFER_TIMEOUT,
                None => now + limits::HTTP1_BUFFER_TIMEOUT,
            };
            sleep_until(next).await;
        }
    }

    /// Requests that have begun, ever.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether no request runs.
    pub fn is_idle(&self) -> bool {
        self.running.load(Ordering::Relaxed) == 0
    }

    /// Since when no request runs; none if one does.
    pub fn idle_since(&self) -> Option<Instant> {
        self.is_idle().then(|| *self.last.lock().expect("nothing panics while it is held"))
    }

    /// When the head that is being read will have taken too long.
    fn head_deadline(&self) -> Option<Instant> {
        let since = self.head_since.load(Ordering::Relaxed);
        (since > 0).then(|| self.opened + Duration::from_millis(since) + self.timeouts.headers)
    }

    /// Resolves when the connection should end.
    pub async fn ended(&self) -> CloseReason {
        // Spread, so that connections of one moment do not end in one moment.
        let oldest = self.opened + jittered(limits::MAX_AGE, 10);
        loop {
            let now = Instant::now();
            if now >= oldest {
                return CloseReason::Graceful;
            }
            let next = if self.requests() == 0 {
                let first = self.opened + self.timeouts.headers;
                if now >= first {
                    return CloseReason::Timeout;
                }
                first
            } else if self.is_idle() {
                let idle = *self.last.lock().expect("nothing panics while it is held") + self.timeouts.idle;
                if now >= idle {
                    return CloseReason::Graceful;
                }
                match self.head_deadline() {
                    Some(deadline) if now >= deadline => return CloseReason::Timeout,
                    // A head may begin while this sleeps: it looks again often enough, without being woken each time.
                    deadline => deadline.unwrap_or(now + self.timeouts.headers).min(idle),
                }
            } else {
                now + self.timeouts.idle
            };
            sleep_until(next.min(oldest)).await;
        }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
        *self.0.last.lock().expect("nothing panics while it is held") = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_ends_soon_and_an_idle_one_later() {
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        assert_eq!(lifetime.ended().await, CloseReason::Timeout);
        assert_eq!(lifetime.opened.elapsed(), limits::FIRST_REQUEST_TIMEOUT);

        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        drop(lifetime.begin(true));
        assert_eq!(lifetime.ended().await, CloseReason::Graceful);
        assert_eq!(lifetime.opened.elapsed(), limits::IDLE_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_cut_and_an_idle_connection_is_not() {
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        drop(lifetime.begin(true));
        lifetime.note_received();
        assert_eq!(lifetime.ended().await, CloseReason::Timeout);
        assert!(
            lifetime.opened.elapsed() <= 2 * limits::FIRST_REQUEST_TIMEOUT,
            "{:?}",
            lifetime.opened.elapsed()
        );

        // A head that ended, and HTTP/2, whose frames come at any time.
        for is_http1 in [true, false] {
            let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
            drop(lifetime.begin(is_http1));
            lifetime.note_received();
            drop(lifetime.begin(is_http1));
            if !is_http1 {
                lifetime.note_received();
            }
            assert_eq!(lifetime.ended().await, CloseReason::Graceful);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_ends_at_its_age() {
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        let _running = lifetime.begin(true);
        assert_eq!(lifetime.ended().await, CloseReason::Graceful);
        let age = lifetime.opened.elapsed();
        assert!(age >= limits::MAX_AGE * 9 / 10 && age <= limits::MAX_AGE * 11 / 10, "{age:?}");
    }
}
