//! Whether a client prefers gzip (RFC 9110, 12.5.3), as Envoy decides it.

/// `accept_encoding` is the joined value of all headers of that name.
pub fn prefers_gzip(accept_encoding: &str) -> bool {
    let codings: Vec<(&str, f32)> = accept_encoding.split(',').filter_map(coding).collect();
    let gzip_is_refused = codings.iter().any(|(name, weight)| is_gzip(name) && *weight == 0.0);
    let mut choice = ("identity", 0.0);
    for (name, weight) in codings {
        let is_known = is_gzip(name) || name == "*" || name.eq_ignore_ascii_case("identity");
        // Of equals, the first.
        if is_known && weight > choice.1 {
            choice = (name, weight);
        }
    }
    !gzip_is_refused && !choice.0.eq_ignore_ascii_case("identity")
}

fn is_gzip(name: &str) -> bool {
    name.eq_ignore_ascii_case("gzip")
}

/// A coding and its weight; none if the weight is no number.
fn coding(text: &str) -> Option<(&str, f32)> {
    let Some((name, parameter)) = text.split_once(';') else { return Some((text.trim(), 1.0)) };
    let weight = match parameter.split_once('=') {
        Some((q, weight)) if q.trim().eq_ignore_ascii_case("q") => weight.trim().parse().ok()?,
        _ => 1.0,
    };
    Some((name.trim(), weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide() {
        for yes in [
            "gzip",
            "GZIP",
            "deflate, gzip;q=0.5",
            "*",
            "br, *;q=0.1",
            "gzip;q=1.0, identity; q=0.5",
            "identity;q=0.5, *;q=0.6",
        ] {
            assert!(prefers_gzip(yes), "{yes}");
        }
        for no in [
            "",
            "br",
            "gzip;q=0",
            "gzip;q=0, *",
            "identity",
            "identity, gzip",
            "gzip;q=0.5, identity",
            "gzip;q=x",
            "x-gzip",
            "*;q=0",
        ] {
            assert!(!prefers_gzip(no), "{no}");
        }
    }
}
