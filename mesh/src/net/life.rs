//! How long a connection lives: it must ask for something soon, not sleep too long, and not grow too old.

use super::{jitter::jittered, limits};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// How long a connection may be silent.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until its first request's headers; the same for each further HTTP/1.1 head.
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
    asked: AtomicBool,
    running: AtomicUsize,
    last: Mutex<Instant>,
}

/// A running request; dropping it ends it.
#[derive(Debug)]
pub struct Running(Arc<Life>);

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It never asked for anything: cut.
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
            asked: AtomicBool::new(false),
            running: AtomicUsize::new(0),
            last: Mutex::new(born),
        })
    }

    /// Notes the start of a request.
    pub fn begin(self: &Arc<Self>) -> Running {
        self.asked.store(true, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
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
            let next = if !self.asked.load(Ordering::Relaxed) {
                let patience = self.born + self.patience.headers;
                if now >= patience {
                    return End::Silent;
                }
                patience
            } else if self.running.load(Ordering::Relaxed) == 0 {
                let idle = *self.last.lock().expect("nothing panics while it is held") + self.patience.idle;
                if now >= idle {
                    return End::Graceful;
                }
                idle
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
        drop(life.begin());
        assert_eq!(life.ended().await, End::Graceful);
        assert_eq!(life.born.elapsed(), limits::IDLE_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_ends_at_its_age() {
        let life = Life::new(Patience::default());
        let _running = life.begin();
        assert_eq!(life.ended().await, End::Graceful);
        let age = life.born.elapsed();
        assert!(age >= limits::MAX_AGE * 9 / 10 && age <= limits::MAX_AGE * 11 / 10, "{age:?}");
    }
}
