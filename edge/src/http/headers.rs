//! Header fields of the edge's own, and those that must not pass it. A message has few fields, and there are many names to take away: each field is
//! looked at once, instead of every name being looked for.

use http::{HeaderMap, HeaderName, header::CONNECTION};

/// The path as the client asked for it, where a filter changed it.
pub const ORIGINAL_PATH: HeaderName = HeaderName::from_static("x-envoy-original-path");

/// Removes headers that concern one connection only (RFC 9110 section 7.6.1), those named by `connection` included.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    strip_nominated(headers);
    remove_where(headers, is_hop_by_hop);
}

/// Removes of a request's headers, beside those, what the target says already and what only edge and mesh may say: their word is
/// trusted behind the edge.
pub fn strip_untrusted(headers: &mut HeaderMap) {
    strip_nominated(headers);
    remove_where(headers, |name| is_hop_by_hop(name) || is_ours(name));
}

fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection" | "keep-alive" | "proxy-connection" | "te" | "trailer" | "transfer-encoding" | "upgrade"
    )
}

fn is_ours(name: &str) -> bool {
    match name {
        // Met, or not, by this side of the edge.
        "expect" => true,
        "host" | "x-forwarded-client-cert" | "grpc-previous-rpc-attempts" => true,
        _ => name.starts_with("x-shopmesh-") || name.starts_with("x-envoy-"),
    }
}

fn strip_nominated(headers: &mut HeaderMap) {
    let nominated: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in nominated {
        headers.remove(name);
    }
}

fn remove_where(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    let found: Vec<HeaderName> = headers.keys().filter(|name| unwanted(name.as_str())).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(strip: fn(&mut HeaderMap), given: &[(&'static str, &str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().unwrap());
        }
        strip(&mut headers);
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    const BOTH: [(&str, &str); 12] = [
        ("connection", "close, X-One"),
        ("connection", "x-two"),
        ("x-one", "1"),
        ("x-two", "2"),
        ("keep-alive", "1"),
        ("proxy-connection", "1"),
        ("te", "trailers"),
        ("te", "gzip"),
        ("trailer", "x"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("x-kept", "1"),
    ];
    const OURS: [(&str, &str); 6] = [
        ("host", "shop"),
        ("expect", "100-continue"),
        ("x-forwarded-client-cert", "x"),
        ("grpc-previous-rpc-attempts", "9"),
        ("x-shopmesh-user", "root"),
        ("x-envoy-internal", "true"),
    ];

    #[test]
    fn what_concerns_one_connection_ends_with_it() {
        assert_eq!(left(strip_hop_by_hop, &BOTH), ["x-kept: 1"]);
        assert_eq!(left(strip_hop_by_hop, &OURS).len(), OURS.len());
        assert!(left(strip_hop_by_hop, &[("connection", "x, \u{e9},,"), ("x", "1")]).is_empty());
    }

    #[test]
    fn what_only_we_may_say_is_taken_away() {
        assert_eq!(left(strip_untrusted, &[&BOTH[..], &OURS].concat()), ["x-kept: 1"]);
        let near = [("x-shopmesh", "1"), ("x-envoy", "1"), ("hosts", "1"), ("x-forwarded-for", "1")];
        assert_eq!(left(strip_untrusted, &near).len(), near.len());
    }
}
