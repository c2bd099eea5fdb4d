//! What a matched route does: forward to a cluster, redirect, or answer directly.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode, Uri,
    header::LOCATION,
    uri::{Authority, PathAndQuery},
};

use super::{
    config::{self, MaxStreamDuration, Redirect, RedirectCode},
    matching::Matcher,
};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath},
    clusters::{Cluster, Clusters},
    http::{Body, empty, full, is_grpc, put_challenge},
};

/// A checked route action.
pub enum Action {
    /// To an upstream.
    Forward(Box<Forward>),
    /// `Location` computed from the request.
    Redirect(Box<RedirectResponder>),
    /// Fixed status and body.
    Direct(StatusCode, Bytes),
}

/// Where and how to forward.
pub struct Forward {
    /// The upstream.
    pub cluster: Arc<Cluster>,
    /// How long an exchange may take.
    pub timeouts: Timeouts,
    prefix_rewrite: Option<String>,
    /// Replaces `:authority`.
    pub host_rewrite: Option<Authority>,
}

/// The route's limits on time.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the whole exchange.
    pub timeout: Option<Duration>,
    /// Without a `grpc-timeout` that counts.
    pub max_stream_duration: Option<Duration>,
    /// Some: `grpc-timeout` counts, capped by the inner value if there is one.
    pub grpc_timeout_max: Option<Option<Duration>>,
}

impl Timeouts {
    fn new(timeout: Option<Duration>, stream: &MaxStreamDuration) -> Self {
        Self {
            timeout,
            max_stream_duration: stream.max_stream_duration.and_then(|d| d.non_zero()),
            grpc_timeout_max: stream.grpc_timeout_header_max.map(|d| d.non_zero()),
        }
    }

    /// The time that an exchange with these request headers may take; none is without limit. The shortest limit counts.
    pub fn limit(&self, headers: &HeaderMap) -> Option<Duration> {
        let stream = match (self.grpc_timeout_max, grpc_timeout(headers)) {
            (Some(cap), Some(asked)) => Some(cap.map_or(asked, |cap| asked.min(cap))),
            _ => self.max_stream_duration,
        };
        [self.timeout, stream].into_iter().flatten().min()
    }
}

/// `grpc-timeout` (gRPC over HTTP/2, "Timeout"): at most eight digits and a unit. Anything else counts as absent.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    if !is_grpc(headers) {
        return None;
    }
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

impl Action {
    pub(super) fn new(
        route: &mut config::Route,
        clusters: &Clusters,
        base_dir: &Path,
        at: &YamlPath,
    ) -> Result<Self, ConfigError> {
        match (route.route.take(), route.redirect.take(), route.direct_response.take()) {
            (Some(action), None, None) => forward(action, clusters, &at.field("route")),
            (None, Some(redirect), None) => {
                if redirect.path_redirect.is_empty() || redirect.prefix_rewrite.is_empty() {
                    return Ok(Self::Redirect(Box::new(RedirectResponder(redirect))));
                }
                Err(at.field("redirect").error("path_redirect and prefix_rewrite exclude each other"))
            }
            (None, None, Some(direct)) => {
                let at = at.field("direct_response");
                let status = StatusCode::from_u16(direct.status)
                    .ok()
                    .filter(|status| (200..600).contains(&status.as_u16()))
                    .ok_or_else(|| at.field("status").error("must be an HTTP status of 200 to 599"))?;
                let body = direct.body.map(|body| body.load(base_dir, &at.field("body"))).transpose()?;
                Ok(Self::Direct(status, Bytes::from(body.unwrap_or_default())))
            }
            _ => Err(at.error("needs exactly one of route, redirect, direct_response")),
        }
    }
}

fn forward(action: config::RouteAction, clusters: &Clusters, at: &YamlPath) -> Result<Action, ConfigError> {
    let cluster = clusters
        .get(&action.cluster.0)
        .ok_or_else(|| at.field("cluster").error(format!("no cluster is called {:?}", action.cluster.0)))?;
    if !action.prefix_rewrite.is_empty() && !action.prefix_rewrite.starts_with('/') {
        return Err(at.field("prefix_rewrite").error("must begin with a slash"));
    }
    let host_rewrite = action.host_rewrite_literal.map(|host| {
        host.parse()
            .map_err(|_| at.field("host_rewrite_literal").error(format!("{host:?} is not an authority")))
    });
    Ok(Action::Forward(Box::new(Forward {
        cluster: cluster.clone(),
        timeouts: Timeouts::new(action.timeout.non_zero(), &action.max_stream_duration),
        prefix_rewrite: Some(action.prefix_rewrite).filter(|prefix| !prefix.is_empty()),
        host_rewrite: host_rewrite.transpose()?,
    })))
}

impl Forward {
    /// The path to ask the upstream for.
    pub fn rewrite(&self, matcher: &Matcher, uri: &Uri) -> PathAndQuery {
        let unchanged = || uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let Some(prefix) = &self.prefix_rewrite else { return unchanged() };
        let rest = &uri.path()[matcher.path.matched_length(uri.path())..];
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        PathAndQuery::try_from(format!("{prefix}{rest}{query}")).unwrap_or_else(|_| unchanged())
    }
}

/// A checked `RedirectAction`.
pub struct RedirectResponder(Redirect);

impl RedirectResponder {
    /// The redirect for a request; none if its parts make no valid `Location`.
    pub fn response(&self, matcher: &Matcher, uri: &Uri) -> Option<Response<Body>> {
        let Self(redirect) = self;
        let authority = uri.authority()?;
        let host = if redirect.host_redirect.is_empty() { authority.host() } else { &redirect.host_redirect };
        let port = match redirect.port_redirect.or(authority.port_u16()) {
            Some(port) if redirect.host_redirect.is_empty() || redirect.port_redirect.is_some() => {
                format!(":{port}")
            }
            _ => String::new(),
        };
        let scheme = if redirect.https_redirect { "https" } else { "http" };
        let path = if !redirect.path_redirect.is_empty() {
            redirect.path_redirect.clone()
        } else if !redirect.prefix_rewrite.is_empty() {
            format!("{}{}", redirect.prefix_rewrite, &uri.path()[matcher.path.matched_length(uri.path())..])
        } else {
            uri.path().to_owned()
        };
        let query =
            uri.query().filter(|_| !redirect.strip_query).map(|q| format!("?{q}")).unwrap_or_default();
        let location = HeaderValue::try_from(format!("{scheme}://{host}{port}{path}{query}")).ok()?;
        let mut response = Response::new(empty());
        *response.status_mut() = redirect.response_code.into();
        response.headers_mut().insert(LOCATION, location);
        Some(response)
    }
}

impl From<RedirectCode> for StatusCode {
    fn from(code: RedirectCode) -> Self {
        match code {
            RedirectCode::MovedPermanently => Self::MOVED_PERMANENTLY,
            RedirectCode::Found => Self::FOUND,
            RedirectCode::SeeOther => Self::SEE_OTHER,
            RedirectCode::TemporaryRedirect => Self::TEMPORARY_REDIRECT,
            RedirectCode::PermanentRedirect => Self::PERMANENT_REDIRECT,
        }
    }
}

/// The answer of a `direct_response`.
pub fn direct(status: StatusCode, body: &Bytes) -> Response<Body> {
    let mut response = Response::new(full(body.clone()));
    *response.status_mut() = status;
    if !body.is_empty() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    put_challenge(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(timeouts: Timeouts, asked: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/grpc"));
        if let Some(asked) = asked {
            headers.insert("grpc-timeout", asked.parse().unwrap());
        }
        timeouts.limit(&headers)
    }

    #[test]
    fn the_shortest_limit_counts() {
        let secs = |n| Some(Duration::from_secs(n));
        let timeouts =
            Timeouts { timeout: secs(15), max_stream_duration: None, grpc_timeout_max: Some(secs(10)) };
        assert_eq!(limit(timeouts, None), secs(15));
        assert_eq!(limit(timeouts, Some("2S")), secs(2));
        assert_eq!(limit(timeouts, Some("99999999H")), secs(10));
        let unbounded =
            Timeouts { timeout: None, max_stream_duration: secs(60), grpc_timeout_max: Some(None) };
        assert_eq!(limit(unbounded, Some("5M")), secs(300));
        for malformed in ["", "S", "999999999S", "1x", "-1S", "1 S"] {
            assert_eq!(limit(unbounded, Some(malformed)), secs(60), "{malformed:?}");
        }
        let ignoring = Timeouts { timeout: secs(3), max_stream_duration: None, grpc_timeout_max: None };
        assert_eq!(limit(ignoring, Some("1S")), secs(3));
    }
}
