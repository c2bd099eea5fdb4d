//! Lets a request pass or answers 429.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::{bucket::Level, limiter::Limiter};
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{LocalReply, Request, Response, ceil_seconds, code},
};

pub struct LocalRateLimitFactory {
    pub name: Arc<str>,
    pub limiter: Arc<Limiter>,
}

impl FilterFactory for LocalRateLimitFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(LocalRateLimit { name: self.name.clone(), limiter: self.limiter.clone(), level: None })
    }
}

struct LocalRateLimit {
    name: Arc<str>,
    limiter: Arc<Limiter>,
    /// For the `x-ratelimit-*` headers of the answer.
    level: Option<Level>,
}

impl Filter for LocalRateLimit {
    fn on_request<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        if let Some(limiter) = exchange.per_route_config::<Arc<Limiter>>(&self.name) {
            self.limiter = limiter.clone();
        }
        let flow = match self.limit(&request, exchange) {
            Some(reply) => Flow::Respond(reply),
            None => Flow::Continue(request),
        };
        Box::pin(std::future::ready(flow))
    }

    fn on_response<'a>(&'a mut self, mut response: Response, _: &'a mut Exchange) -> BoxFuture<'a, Response> {
        if let Some(level) = self.level {
            put_level(level, response.headers_mut());
        }
        Box::pin(std::future::ready(response))
    }
}

impl LocalRateLimit {
    fn limit(&mut self, request: &Request, exchange: &Exchange) -> Option<Response> {
        let limiter = &self.limiter;
        if !limiter.enabled(rand::random()) {
            return None;
        }
        let level = limiter.take(request.headers(), exchange.client_address, Instant::now())?;
        if limiter.x_ratelimit_headers() {
            self.level = Some(level);
        }
        if level.allowed || !limiter.enforced(rand::random()) {
            return None;
        }
        let code = if limiter.resource_exhausted() { code::RESOURCE_EXHAUSTED } else { code::UNAVAILABLE };
        let reply = LocalReply::new(limiter.status, "local_rate_limited", "too many requests; retry later")
            .with_code(code)
            .with_retry_after(level.retry_after);
        let mut response = reply.into_response();
        for change in limiter.response_headers() {
            change.apply(response.headers_mut());
        }
        Some(response)
    }
}

/// The headers of draft-polli-ratelimit-headers-03, behind those of a limit that is nearer to the upstream.
fn put_level(level: Level, headers: &mut HeaderMap) {
    let values = [
        ("x-ratelimit-limit", u64::from(level.limit)),
        ("x-ratelimit-remaining", u64::from(level.remaining)),
        ("x-ratelimit-reset", ceil_seconds(level.retry_after)),
    ];
    for (name, value) in values {
        let mut value = HeaderValue::from(value);
        // Hardly ever the same twice: not for HPACK's table.
        value.set_sensitive(name != "x-ratelimit-limit");
        headers.append(HeaderName::from_static(name), value);
    }
}
