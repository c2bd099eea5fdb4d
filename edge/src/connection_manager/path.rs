//! One canonical path per request, computed once and used by everything that matches. Pure.

use std::borrow::Cow;

use serde::Deserialize;

/// `PathWithEscapedSlashesAction`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EscapedSlashes {
    #[serde(alias = "IMPLEMENTATION_SPECIFIC_DEFAULT", alias = "0", alias = "1")]
    #[default]
    KeepUnchanged,
    #[serde(alias = "2")]
    RejectRequest,
}

/// What to do with paths.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathOptions {
    pub normalize: bool,
    pub merge_slashes: bool,
    pub escaped_slashes: EscapedSlashes,
}

/// Longer paths, query included, are refused.
pub const MAX_PATH_BYTES: usize = 8 * 1024;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    #[error("the path must begin with a slash")]
    NotAbsolute,
    #[error("the path holds a NUL")]
    Nul,
    #[error("the path holds an escaped slash")]
    EscapedSlash,
    #[error("the path is longer than 8 KiB")]
    TooLong,
}

/// The canonical form of a path without query.
pub fn canonical(path: &str, options: PathOptions) -> Result<Cow<'_, str>, BadPath> {
    if path.len() > MAX_PATH_BYTES {
        return Err(BadPath::TooLong);
    }
    if !path.starts_with('/') {
        return Err(BadPath::NotAbsolute);
    }
    let escapes = |code: &str| path.as_bytes().windows(3).any(|w| w.eq_ignore_ascii_case(code.as_bytes()));
    if escapes("%00") {
        return Err(BadPath::Nul);
    }
    if options.escaped_slashes == EscapedSlashes::RejectRequest && (escapes("%2f") || escapes("%5c")) {
        return Err(BadPath::EscapedSlash);
    }
    let mut path = Cow::Borrowed(path);
    if options.normalize && needs_normalizing(&path) {
        path = Cow::Owned(remove_dot_segments(&unescape_unreserved(&path)));
    }
    if options.merge_slashes && path.contains("//") {
        path = Cow::Owned(merge_slashes(&path));
    }
    Ok(path)
}

fn needs_normalizing(path: &str) -> bool {
    path.contains("/.") || path.contains('%') || path.contains('\\')
}

/// Decodes escapes of unreserved characters, which mean the same unescaped (RFC 3986 section 6.2.2.2), and turns backslashes into
/// slashes, as browsers and Envoy do.
fn unescape_unreserved(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(path.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|&b| char::from(b).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                let decoded = char::from_u32(high * 16 + low)
                    .filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c));
                match decoded {
                    Some(c) => out.push(c as u8),
                    None => out.extend_from_slice(&bytes[i..i + 3]),
                }
                i += 3;
            }
            (b'\\', ..) => {
                out.push(b'/');
                i += 1;
            }
            (b, ..) => {
                out.push(b);
                i += 1;
            }
        }
    }
    // Only ASCII was put in the place of ASCII: what was UTF-8 still is.
    String::from_utf8_lossy(&out).into_owned()
}

/// RFC 3986 section 5.2.4, for an absolute path.
fn remove_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

fn merge_slashes(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: PathOptions =
        PathOptions { normalize: true, merge_slashes: true, escaped_slashes: EscapedSlashes::KeepUnchanged };

    #[test]
    fn canonical_forms() {
        let cases = [
            ("/a/b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/%2e%2E/b", "/b"),
            ("/../../etc", "/etc"),
            ("/a/./b/.", "/a/b/"),
            ("/a/b/..", "/a/"),
            ("/a\\..\\b", "/b"),
            ("//a///b", "/a/b"),
            ("/a%2fb", "/a%2fb"),
            ("/%41%7e%25", "/A~%25"),
            ("/..;x/a", "/..;x/a"),
            ("/a%zz%4", "/a%zz%4"),
            ("/é%41\\ü", "/éA/ü"),
        ];
        for (given, wanted) in cases {
            assert_eq!(canonical(given, ALL).unwrap(), wanted, "{given}");
        }
    }

    #[test]
    fn refused_paths() {
        assert_eq!(canonical("/a%00b", PathOptions::default()), Err(BadPath::Nul));
        assert_eq!(canonical("*", ALL), Err(BadPath::NotAbsolute));
        assert_eq!(canonical(&format!("/{}", "a".repeat(MAX_PATH_BYTES)), ALL), Err(BadPath::TooLong));
        let strict = PathOptions { escaped_slashes: EscapedSlashes::RejectRequest, ..ALL };
        assert_eq!(canonical("/a%2Fb", strict), Err(BadPath::EscapedSlash));
        assert_eq!(canonical("/a%5cb", strict), Err(BadPath::EscapedSlash));
    }

    proptest! {
        #[test]
        fn canonical_is_a_fixed_point_without_dot_segments(path in "/([a-z./%25e2\\\\]|%2e|%2E){0,40}") {
            if let Ok(once) = canonical(&path, ALL) {
                prop_assert_eq!(&canonical(&once, ALL).unwrap(), &once);
                prop_assert!(!once.split('/').any(|segment| segment == ".."), "{}", once);
            }
        }
    }
}
