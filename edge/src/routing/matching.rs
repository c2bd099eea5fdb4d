//! Decides whether a route's `match` holds for a request. Pure.

use http::HeaderMap;

use super::config::{HeaderMatcher, RouteMatch};
use crate::{
    bootstrap::{
        reader::{ConfigError, YamlPath},
        string_matcher::FullRegex,
    },
    http::is_grpc,
};

/// A checked `RouteMatch`.
#[derive(Debug)]
pub struct Matcher {
    pub(super) path: PathMatcher,
    headers: Vec<HeaderMatcher>,
    grpc: bool,
}

/// The one path condition that every route has.
#[derive(Debug)]
pub(super) enum PathMatcher {
    Prefix(String),
    Exact(String),
    /// As prefix, but only up to a `/` or the end.
    Segments(String),
    Regex(FullRegex),
}

impl Matcher {
    pub fn new(config: RouteMatch, at: &YamlPath) -> Result<Self, ConfigError> {
        let mut paths = [
            config.prefix.map(PathMatcher::Prefix),
            config.path.map(PathMatcher::Exact),
            config.path_separated_prefix.map(PathMatcher::Segments),
            config.safe_regex.map(PathMatcher::Regex),
        ]
        .into_iter()
        .flatten();
        let (Some(path), None) = (paths.next(), paths.next()) else {
            return Err(at.error("needs exactly one of prefix, path, path_separated_prefix, safe_regex"));
        };
        if let PathMatcher::Segments(prefix) = &path
            && (!prefix.starts_with('/') || prefix.ends_with('/') || prefix.contains(['?', '#']))
        {
            let problem = "must begin with a slash, end without, and have no query";
            return Err(at.field("path_separated_prefix").error(problem));
        }
        for (i, header) in config.headers.iter().enumerate() {
            if header.string_match.is_some() && header.present_match.is_some() {
                return Err(at
                    .field("headers")
                    .index(i)
                    .error("string_match and present_match exclude each other"));
            }
        }
        Ok(Self { path, headers: config.headers, grpc: config.grpc.is_some() })
    }

    /// `path` is without query.
    pub fn is_match(&self, path: &str, headers: &HeaderMap) -> bool {
        self.path.is_match(path)
            && (!self.grpc || is_grpc(headers))
            && self.headers.iter().all(|matcher| header_matches(matcher, headers))
    }
}

impl PathMatcher {
    fn is_match(&self, path: &str) -> bool {
        match self {
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Exact(wanted) => path == wanted,
            Self::Segments(prefix) => path
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            Self::Regex(regex) => regex.is_match(path),
        }
    }

    /// The part of a path that `prefix_rewrite` replaces: the matched prefix, or everything for an exact path.
    pub(super) fn matched_length(&self, path: &str) -> usize {
        match self {
            Self::Prefix(prefix) | Self::Segments(prefix) => prefix.len(),
            Self::Exact(_) | Self::Regex(_) => path.len(),
        }
    }
}

fn header_matches(matcher: &HeaderMatcher, headers: &HeaderMap) -> bool {
    let joined = joined_value(headers, matcher);
    let holds = match (&matcher.string_match, matcher.present_match) {
        // A value that is no text decides nothing, so it never matches, not even inverted.
        (Some(_), _) if matches!(joined, Some(Err(()))) => return false,
        (Some(wanted), _) => matches!(&joined, Some(Ok(value)) if wanted.is_match(value)),
        (None, Some(present)) => joined.is_some() == present,
        (None, None) => joined.is_some(),
    };
    holds != matcher.invert_match
}

fn joined_value(headers: &HeaderMap, matcher: &HeaderMatcher) -> Option<Result<String, ()>> {
    let mut values = headers
        .get_all(&matcher.name)
        .iter()
        .map(|v| std::str::from_utf8(v.as_bytes()).map_err(drop))
        .peekable();
    values.peek()?;
    Some(values.collect::<Result<Vec<_>, _>>().map(|values| values.join(",")))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::{Value, from_value, json};

    use super::*;

    fn matches(config: Value, path: &str, headers: &[(&'static str, &[u8])]) -> bool {
        let matcher = Matcher::new(from_value(config).unwrap(), &YamlPath::root()).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        matcher.is_match(path, &map)
    }

    #[test]
    fn paths() {
        assert!(matches(json!({"prefix": "/a"}), "/ab", &[]));
        assert!(!matches(json!({"path_separated_prefix": "/a"}), "/ab", &[]));
        assert!(matches(json!({"path_separated_prefix": "/a"}), "/a/b", &[]));
        assert!(!matches(json!({"path": "/a"}), "/a/", &[]));
        assert!(!matches(json!({"safe_regex": {"regex": "/a"}}), "/ab", &[]));
        assert!(
            Matcher::new(from_value(json!({"prefix": "/", "path": "/"})).unwrap(), &YamlPath::root())
                .is_err()
        );
    }

    #[test]
    fn headers_are_joined_and_undecodable_values_match_nothing() {
        let exact = json!({"prefix": "/", "headers": [{"name": "x-a", "string_match": {"exact": "1"}}]});
        assert!(matches(exact.clone(), "/", &[("x-a", b"1")]));
        assert!(!matches(exact, "/", &[("x-a", b"1"), ("x-a", b"2")]));
        let not = json!({"prefix": "/", "headers": [{"name": "x-a", "string_match": {"exact": "1"}, "invert_match": true}]});
        assert!(matches(not.clone(), "/", &[]));
        assert!(!matches(not, "/", &[("x-a", b"\xff")]));
        let absent = json!({"prefix": "/", "headers": [{"name": "x-a", "present_match": false}]});
        assert!(matches(absent.clone(), "/", &[]));
        assert!(!matches(absent, "/", &[("x-a", b"")]));
    }

    #[test]
    fn grpc_requests_only() {
        let grpc = json!({"prefix": "/", "grpc": {}});
        assert!(matches(grpc.clone(), "/", &[("content-type", b"application/grpc+proto")]));
        assert!(!matches(grpc.clone(), "/", &[("content-type", b"application/grpc-web")]));
        assert!(!matches(grpc, "/", &[]));
    }
}
