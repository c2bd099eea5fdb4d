//! One line per request, at level `info` of target `access`. Without the query, which may hold what people searched for.

use std::time::Instant;

use http::{HeaderMap, StatusCode, request};
use shopmesh_net::trace;

/// Characters of a refused path that are logged.
const LOGGED_PATH: usize = 256;

/// A request that is being answered; none when nobody reads the log.
pub struct AccessEntry(Option<Request>);

struct Request {
    started: Instant,
    method: String,
    path: String,
    trace: String,
    request_id: String,
}

impl AccessEntry {
    /// Notes a request. Of one that was refused unsanitized a long path is cut, and ids that the client made up are none.
    pub fn begin(head: &request::Parts, is_refused: bool) -> Self {
        let path = head.uri.path();
        let header = |name| if is_refused { "" } else { text(&head.headers, name) };
        Self(tracing::enabled!(target: "access", tracing::Level::INFO).then(|| Request {
            started: Instant::now(),
            method: head.method.to_string(),
            path: if is_refused { path.chars().take(LOGGED_PATH).collect() } else { path.to_owned() },
            trace: trace::trace_id(header("traceparent")).to_owned(),
            request_id: header("x-request-id").to_owned(),
        }))
    }

    /// Writes the line. The body of the answer may still be on its way.
    pub fn end(self, status: StatusCode) {
        let Some(Request { started, method, path, trace, request_id }) = self.0 else { return };
        let (status, time_us) = (status.as_u16(), started.elapsed().as_micros());
        tracing::info!(target: "access", method, path, status, time_us, trace, request_id, "request");
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
