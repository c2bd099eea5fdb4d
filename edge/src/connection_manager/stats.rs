//! Counters of a connection manager.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

/// What one connection manager counts, under the names Envoy gives it.
#[derive(Default)]
pub struct HttpCounters {
    requests: AtomicU64,
    /// By first digit of the status.
    responses: [AtomicU64; 5],
}

impl HttpCounters {
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn response(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(4);
        self.responses[class].fetch_add(1, Ordering::Relaxed);
    }

    /// Name and value of each counter.
    pub fn snapshot(&self) -> Vec<(String, u64)> {
        let mut all = vec![("downstream_rq_total".to_owned(), self.requests.load(Ordering::Relaxed))];
        for (class, count) in (1..).zip(&self.responses) {
            all.push((format!("downstream_rq_{class}xx"), count.load(Ordering::Relaxed)));
        }
        all
    }
}
