//! How long a connection lives: it must ask for something soon, not sleep too long, and not grow too old.

use super::{jitter::jittered, limits};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// How long a connection may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until its first request's headers; for each further head of HTTP/1.1 from its first byte on, at most twice that.
    pub headers: Duration,
    /// Between requests.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { headers: limits::FIRST_REQUEST_TIMEOUT, idle: limits::IDLE_TIMEOUT }
    }
}

/// Requests of one connection.
#[derive(Debug)]
pub struct Life {
    patience: Patience,
    born: Instant,
    requests: AtomicU64,
    running: AtomicUsize,
    last: Mutex<Instant>,
    is_http1: AtomicBool,
    /// When bytes last came, milliseconds after `born`. HTTP/2 only.
    heard: AtomicU64,
    /// When the head began that is being read, milliseconds after `born`; 0 for none. HTTP/1.1 only.
    head_since: AtomicU64,
    /// Requests that were read whole, when nothing else is on its way; or [`MOVING`]. HTTP/1.1 only.
    whole: AtomicU64,
}

const MOVING: u64 = u64::MAX;

/// A running request; dropping it ends it.
#[derive(Debug)]
pub struct Running(Arc<Life>);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It never asked for anything, or never finishes asking: cut.
    Silent,
    /// It is idle or old: let running requests finish.
    Graceful,
}

impl Life {
    /// A connection that is open now.
    pub fn new(patience: Patience) -> Arc<Self> {
        let born = Instant::now();
        Arc::new(Self {
            patience,
            born,
            requests: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            last: Mutex::new(born),
            is_http1: AtomicBool::new(false),
            heard: AtomicU64::new(0),
            head_since: AtomicU64::new(0),
            whole: AtomicU64::new(MOVING),
        })
    }

    /// Notes the start of a request.
    pub fn begin(self: &Arc<Self>, is_http1: bool) -> Running {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.is_http1.store(is_http1, Ordering::Relaxed);
        self.head_since.store(0, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
    }

    /// Notes that bytes came. Between two requests of HTTP/1.1 they begin a head, which must not take forever (Slowloris).
    pub fn heard(&self) {
        let now = || u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        if !self.is_http1.load(Ordering::Relaxed) {
            self.heard.store(now(), Ordering::Relaxed);
        } else if self.is_idle() {
            // The first byte counts.
            let _ = self.head_since.compare_exchange(0, now(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// When bytes last came. HTTP/2 only.
    pub fn last_heard(&self) -> Instant {
        self.born + Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }

    /// Notes how many requests have been read whole, if all that was written has left and no part of another one has come.
    pub fn note_whole(&self, requests: Option<u64>) {
        self.whole.store(requests.unwrap_or(MOVING), Ordering::Relaxed);
    }

    /// Resolves when all requests that came are answered, and none has come for a while. HTTP/1.1 only.
    pub async fn rests(&self) {
        loop {
            let now = Instant::now();
            let is_quiet = self.whole.load(Ordering::Relaxed) == self.requests();
            let next = match self.idle_since().filter(|_| is_quiet) {
                Some(since) if now >= since + limits::REST => return,
                Some(since) => since + limits::REST,
                None => now + limits::REST,
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
        (since > 0).then(|| self.born + Duration::from_millis(since) + self.patience.headers)
    }

    /// Resolves when the connection should end.
    pub async fn ended(&self) -> End {
        // Spread, so that connections of one moment do not end in one moment.
        let oldest = self.born + jittered(limits::MAX_AGE, 10);
        loop {
            let now = Instant::now();
            if now >= oldest {
                return End::Graceful;
            }
            let next = if self.requests() == 0 {
                let patience = self.born + self.patience.headers;
                if now >= patience {
                    return End::Silent;
                }
                patience
            } else if self.is_idle() {
                let idle = *self.last.lock().expect("nothing panics while it is held") + self.patience.idle;
                if now >= idle {
                    return End::Graceful;
                }
                match self.head_deadline() {
                    Some(deadline) if now >= deadline => return End::Silent,
                    // A head may begin while this sleeps: it looks again often enough, without being woken each time.
                    deadline => deadline.unwrap_or(now + self.patience.headers).min(idle),
                }
            } else {
                now + self.patience.idle
            };
            sleep_until(next.min(oldest)).await;
        }
    }
}

impl Drop for Running {
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
        let life = Life::new(Patience::default());
        assert_eq!(life.ended().await, End::Silent);
        assert_eq!(life.born.elapsed(), limits::FIRST_REQUEST_TIMEOUT);

        let life = Life::new(Patience::default());
        drop(life.begin(true));
        assert_eq!(life.ended().await, End::Graceful);
        assert_eq!(life.born.elapsed(), limits::IDLE_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_cut_and_an_idle_connection_is_not() {
        let life = Life::new(Patience::default());
        drop(life.begin(true));
        life.heard();
        assert_eq!(life.ended().await, End::Silent);
        assert!(life.born.elapsed() <= 2 * limits::FIRST_REQUEST_TIMEOUT, "{:?}", life.born.elapsed());

        // A head that ended, and HTTP/2, whose frames come at any time.
        for is_http1 in [true, false] {
            let life = Life::new(Patience::default());
            drop(life.begin(is_http1));
            life.heard();
            drop(life.begin(is_http1));
            if !is_http1 {
                life.heard();
            }
            assert_eq!(life.ended().await, End::Graceful);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_ends_at_its_age() {
        let life = Life::new(Patience::default());
        let _running = life.begin(true);
        assert_eq!(life.ended().await, End::Graceful);
        let age = life.born.elapsed();
        assert!(age >= limits::MAX_AGE * 9 / 10 && age <= limits::MAX_AGE * 11 / 10, "{age:?}");
    }
}
