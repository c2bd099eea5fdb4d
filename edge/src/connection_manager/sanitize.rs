//! What a client sent becomes a request that filters and upstreams may trust: one authority, one canonical path, no hop-by-hop
//! headers, nothing that only the mesh may say, and the client's address. Pure.

use std::net::IpAddr;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version,
    header::{HOST, TE, UPGRADE},
    request,
    uri::{Authority, PathAndQuery, Scheme},
};
use shopmesh_net::trace;

use super::{
    config::HttpConnectionManager,
    path::{self, BadPath},
    random::request_id,
};
use crate::http::{LocalReply, strip_untrusted};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Makes `head` trustworthy and finds the client's address; or says how to refuse the request.
pub fn sanitize(
    head: &mut request::Parts,
    peer: IpAddr,
    config: &HttpConnectionManager,
) -> Result<IpAddr, LocalReply> {
    // The codecs bound memory, and let somewhat more through.
    if head.headers.len() > config.max_headers_count() || header_bytes(head) > config.max_header_bytes() {
        return Err(LocalReply::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            "too many header fields, or too long ones",
        ));
    }
    if head.method == Method::CONNECT {
        return Err(LocalReply::new(
            StatusCode::FORBIDDEN,
            "connect_not_supported",
            "CONNECT is not supported",
        ));
    }
    refuse_upgrades(&head.headers)?;
    refuse_targets(head)?;
    let authority = authority(head)?;
    head.uri = canonical_uri(&head.uri, authority, config)?;
    let te_trailers = head.headers.get_all(TE).iter().any(|value| value == "trailers");
    strip_untrusted(&mut head.headers);
    if te_trailers {
        head.headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let client = client_address(&mut head.headers, peer, config);
    if config.generate_request_id.0
        && !(config.preserve_external_request_id && head.headers.contains_key(X_REQUEST_ID))
    {
        let id = HeaderValue::try_from(request_id()).expect("a UUID is ASCII");
        head.headers.insert(X_REQUEST_ID, id);
    }
    begin_trace(&mut head.headers);
    Ok(client)
}

/// Names and values, and the target, as Envoy counts them.
fn header_bytes(head: &request::Parts) -> u32 {
    let fields = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    u32::try_from(fields.sum::<usize>() + target).unwrap_or(u32::MAX)
}

/// A request without a valid trace (W3C Trace Context) begins one, so that its whole way behind the edge is one trace.
fn begin_trace(headers: &mut HeaderMap) {
    let given = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
    if given.is_none_or(|given| !trace::is_valid(given)) {
        let root = HeaderValue::try_from(trace::root()).expect("hexadecimal digits");
        headers.insert(TRACEPARENT, root);
        headers.remove("tracestate");
    }
}

/// Upgrades are not supported; the `h2c` one that some clients try may be ignored (RFC 9113 section 3.1).
fn refuse_upgrades(headers: &HeaderMap) -> Result<(), LocalReply> {
    let upgrades = || headers.get_all(UPGRADE).iter();
    if upgrades().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"h2c")) {
        return Err(LocalReply::new(
            StatusCode::FORBIDDEN,
            "upgrade_not_supported",
            "upgrades are not supported",
        ));
    }
    Ok(())
}

/// Targets that mean no resource of this listener, as Envoy sees it. What HTTP/2 says of the scheme is a proxy's matter: it may end TLS.
fn refuse_targets(head: &request::Parts) -> Result<(), LocalReply> {
    let refused = |status, message| Err(LocalReply::new(status, "bad_target", message));
    // The server as a whole (RFC 9110 section 7.1), for which there is no route.
    if head.method == Method::OPTIONS && head.uri.path() == "*" {
        return refused(StatusCode::NOT_FOUND, "no route");
    }
    match head.uri.scheme().filter(|_| head.version < Version::HTTP_2) {
        Some(scheme) if *scheme == Scheme::HTTPS => {
            refused(StatusCode::FORBIDDEN, "this listener speaks no https")
        }
        Some(scheme) if *scheme != Scheme::HTTP => {
            refused(StatusCode::BAD_REQUEST, "the target's scheme must be http")
        }
        _ => Ok(()),
    }
}

/// The one authority of a request. Two different ones could be read differently by edge and service.
fn authority(head: &request::Parts) -> Result<Authority, LocalReply> {
    let bad = |message| LocalReply::new(StatusCode::BAD_REQUEST, "bad_authority", message);
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (host, None) => host,
        (_, Some(_)) => return Err(bad("more than one host header")),
    };
    let host: Option<Authority> = host
        .map(|value| Authority::try_from(value.as_bytes()))
        .transpose()
        .map_err(|_| bad("malformed host header"))?;
    let authority = match (head.uri.authority(), host) {
        (Some(uri), Some(host)) if *uri != host => return Err(bad("host header and target disagree")),
        (Some(uri), _) => uri.clone(),
        (None, Some(host)) => host,
        (None, None) => return Err(bad("missing host header")),
    };
    if authority.as_str().contains('@') {
        return Err(bad("the authority holds user information"));
    }
    Ok(authority)
}

fn canonical_uri(uri: &Uri, authority: Authority, config: &HttpConnectionManager) -> Result<Uri, LocalReply> {
    let bad = |bad: BadPath| {
        let status = match bad {
            BadPath::TooLong => StatusCode::URI_TOO_LONG,
            _ => StatusCode::BAD_REQUEST,
        };
        LocalReply::new(status, "bad_path", bad.to_string())
    };
    let length = uri.path_and_query().map_or(0, |p| p.as_str().len());
    if length > path::MAX_PATH_BYTES {
        return Err(bad(BadPath::TooLong));
    }
    let canonical = path::canonical(uri.path(), config.path_options()).map_err(bad)?;
    let target = match uri.query() {
        Some(query) => format!("{canonical}?{query}"),
        None => canonical.into_owned(),
    };
    let target = PathAndQuery::try_from(target).map_err(|_| bad(BadPath::NotAbsolute))?;
    let builder = Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(target);
    builder.build().map_err(|_| bad(BadPath::NotAbsolute))
}

/// Envoy's rules: with `use_remote_address` the peer is the client, or, behind trusted proxies, the entry that the outermost of them
/// added; the peer is appended. Without, the header is believed and kept.
fn client_address(headers: &mut HeaderMap, peer: IpAddr, config: &HttpConnectionManager) -> IpAddr {
    let peer = peer.to_canonical();
    let entries: Vec<String> = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|entry| entry.trim().to_owned())
        .collect();
    let hops = usize::try_from(config.xff_num_trusted_hops).unwrap_or(usize::MAX);
    let from_right = |n: usize| entries.iter().rev().nth(n).and_then(|entry| entry.parse::<IpAddr>().ok());
    if !config.use_remote_address.0 {
        return from_right(hops).map_or(peer, |address| address.to_canonical());
    }
    let client = hops.checked_sub(1).and_then(from_right).map_or(peer, |address| address.to_canonical());
    let chain = entries.into_iter().chain([peer.to_string()]).collect::<Vec<_>>().join(", ");
    if let Ok(chain) = HeaderValue::try_from(chain) {
        headers.insert(X_FORWARDED_FOR, chain);
    }
    if hops == 0 || !headers.contains_key(X_FORWARDED_PROTO) {
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    }
    client
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn manager(extra: Value) -> HttpConnectionManager {
        let mut config =
            json!({"stat_prefix": "t", "route_config": {"virtual_hosts": []}, "http_filters": []});
        config.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        serde_json::from_value(config).unwrap()
    }

    fn run(
        uri: &str,
        headers: &[(&'static str, &str)],
        extra: Value,
    ) -> Result<(request::Parts, IpAddr), LocalReply> {
        let (mut head, ()) = http::Request::builder().uri(uri).body(()).unwrap().into_parts();
        for (name, value) in headers {
            head.headers.append(*name, value.parse().unwrap());
        }
        let client = sanitize(&mut head, "10.0.0.9".parse().unwrap(), &manager(extra))?;
        Ok((head, client))
    }

    #[test]
    fn trust_is_taken_away() {
        let headers = [
            ("host", "shop"),
            ("connection", "close, X-Smuggled"),
            ("x-smuggled", "1"),
            ("keep-alive", "1"),
            ("te", "trailers"),
            ("x-shopmesh-user", "root"),
            ("X-Envoy-Internal", "true"),
            ("grpc-previous-rpc-attempts", "9"),
            ("x-forwarded-client-cert", "x"),
            ("x-request-id", "mine"),
            ("x-kept", "1"),
        ];
        let (head, _) = run("/a/../b?q=1", &headers, json!({"normalize_path": true})).unwrap();
        assert_eq!(head.uri, "http://shop/b?q=1");
        let mut left: Vec<_> = head.headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["te", "traceparent", "x-kept", "x-request-id"]);
        assert_ne!(head.headers[X_REQUEST_ID], "mine");
    }

    #[test]
    fn a_trace_goes_on_and_a_bad_one_is_replaced() {
        let of = |given: &str| {
            let headers = [("host", "shop"), ("traceparent", given), ("tracestate", "a=1")];
            run("/", &headers, json!({})).unwrap().0.headers
        };
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            (&of(good)[TRACEPARENT], of(good).contains_key("tracestate")),
            (&good.parse().unwrap(), true)
        );
        let replaced = of("00-0-0-00");
        assert!(
            trace::is_valid(replaced[TRACEPARENT].to_str().unwrap()) && !replaced.contains_key("tracestate")
        );
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        let status =
            |uri, headers: &[(&'static str, &str)]| run(uri, headers, json!({})).unwrap_err().status.as_u16();
        assert_eq!(status("/", &[]), 400);
        assert_eq!(status("/", &[("host", "a"), ("host", "a")]), 400);
        assert_eq!(status("http://a/", &[("host", "b")]), 400);
        assert_eq!(status("/", &[("host", "user@a")]), 400);
        assert_eq!(status("/%00", &[("host", "a")]), 400);
        assert_eq!(status("https://a/", &[]), 403);
        assert_eq!(status("ftp://a/", &[]), 400);
        assert_eq!(status("*", &[("host", "a")]), 400);
        assert_eq!(status("/", &[("host", "a"), ("upgrade", "websocket")]), 403);
        let many: Vec<(&'static str, &str)> = std::iter::repeat_n(("x-a", "1"), 101).collect();
        assert_eq!(status("/", &many), 431);
        let long = "y".repeat(60 * 1024);
        assert_eq!(status("/", &[("host", "a"), ("x-a", &long)]), 431);
    }

    #[test]
    fn the_client_is_who_trusted_hops_say() {
        let forwarded = [("host", "a"), ("x-forwarded-for", "1.1.1.1, 2.2.2.2")];
        let client = |extra| run("/", &forwarded, extra).unwrap();
        let (head, address) = client(json!({"use_remote_address": true}));
        assert_eq!(address.to_string(), "10.0.0.9");
        assert_eq!(head.headers[X_FORWARDED_FOR], "1.1.1.1, 2.2.2.2, 10.0.0.9");
        let (_, address) = client(json!({"use_remote_address": true, "xff_num_trusted_hops": 1}));
        assert_eq!(address.to_string(), "2.2.2.2");
        let (head, address) = client(json!({}));
        assert_eq!(address.to_string(), "2.2.2.2");
        assert_eq!(head.headers[X_FORWARDED_FOR], "1.1.1.1, 2.2.2.2");
    }
}
