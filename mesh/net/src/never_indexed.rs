//! Header fields that are other ones in every request.

use http::{HeaderMap, HeaderName};

/// Keeps them out of HPACK's table (RFC 7541, 6.2.3 and 7.1.3). Each would be put there by both ends, never be met again, and push out
/// what is; and what is not in a table cannot be guessed from the size of others' requests.
pub fn never_index(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if is_never_indexed(name) {
            value.set_sensitive(true);
        }
    }
}

fn is_never_indexed(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "authorization"
            | "baggage"
            | "cookie"
            | "forwarded"
            | "grpc-timeout"
            | "idempotency-key"
            | "traceparent"
            | "tracestate"
            | "x-envoy-original-path"
            | "x-forwarded-for"
            | "x-request-id"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_of_a_never_indexed_name_is_marked_and_others_are_not() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-request-id", "1"),
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "2.2.2.2"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ] {
            headers.append(name, value.parse().unwrap());
        }
        never_index(&mut headers);
        let marked: Vec<_> =
            headers.iter().map(|(name, value)| (name.as_str(), value.is_sensitive())).collect();
        assert_eq!(
            marked,
            [
                ("x-request-id", true),
                ("x-forwarded-for", true),
                ("x-forwarded-for", true),
                ("content-type", false),
                ("te", false)
            ]
        );
    }
}
