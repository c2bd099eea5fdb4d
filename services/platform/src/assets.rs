//! The files of the pages and of the web applications, and what a browser is told of each.

use std::{collections::BTreeMap, fmt::Write};

use ring::digest::{SHA256, digest};

/// A file by its name below `assets/`.
pub type File = (&'static str, &'static [u8]);

/// What the pages load.
const PAGES: [File; 4] = [
    ("docs.js", include_bytes!("../assets/docs.js")),
    ("landing.js", include_bytes!("../assets/landing.js")),
    ("swagger-ui-bundle.js", include_bytes!("../assets/swagger-ui/swagger-ui-bundle.js")),
    ("swagger-ui.css", include_bytes!("../assets/swagger-ui/swagger-ui.css")),
];

/// All that is in the folders of the web applications (`build.rs`).
const APPS: &[File] = include!(concat!(env!("OUT_DIR"), "/apps.rs"));

/// A year, the longest time that caches keep anything.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// A page of a new release must not run an old script: ask each time, and keep the copy if it is still the same.
const ASK_AGAIN: &str = "no-cache";

/// A file, and its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    /// The file.
    pub data: &'static [u8],
    /// Media type.
    pub content_type: &'static str,
    /// `cache-control` (RFC 9111).
    pub cache_control: &'static str,
}

/// The files that can be asked for.
#[derive(Debug, Clone)]
pub struct Assets(BTreeMap<&'static str, &'static [u8]>);

impl Assets {
    /// What is built in.
    pub fn built_in() -> Self {
        Self::of(PAGES.iter().chain(APPS).copied())
    }

    /// These files alone.
    pub fn of(files: impl IntoIterator<Item = File>) -> Self {
        Self(files.into_iter().collect())
    }

    /// The file of a resource name such as `assets/landing.js`.
    pub fn find(&self, name: &str) -> Option<Asset> {
        let name = name.strip_prefix("assets/")?;
        let cache_control = if names_its_content(name) { FOREVER } else { ASK_AGAIN };
        let data = self.0.get(name)?;
        Some(Asset { data, content_type: content_type(name), cache_control })
    }

    /// The page of a web application such as `shop`, if it is built in.
    pub fn page(&self, app: &str) -> Option<Asset> {
        self.find(&Self::page_of(app))
    }

    /// The resource name of that page.
    pub fn page_of(app: &str) -> String {
        format!("assets/{app}/index.html")
    }
}

impl Asset {
    /// The entity tag (RFC 9110, 8.8.3): the same for the same content, in every process.
    pub fn etag(&self) -> String {
        etag(self.data)
    }
}

/// The entity tag of a body.
pub fn etag(data: &[u8]) -> String {
    let hash = digest(&SHA256, data);
    let mut tag = String::from("\"");
    for byte in &hash.as_ref()[..16] {
        // Writing to a string does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// The media type of a file by how its name ends (IANA media types).
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        _ => "application/octet-stream",
    }
}

/// Whether a bundler put a hash of the content into the name, such as `index-BX3kf0aQ.js`: another content has another name.
fn names_its_content(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    let Some((_, hash)) = stem.rsplit_once('-') else { return false };
    let is_word = hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // A word of a name has one case and no digits.
    let is_mixed = hash.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    hash.len() >= 8 && is_word && is_mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_their_names_alone() {
        for (name, content_type) in [
            ("assets/landing.js", "text/javascript; charset=utf-8"),
            ("assets/docs.js", "text/javascript; charset=utf-8"),
            ("assets/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
            ("assets/swagger-ui.css", "text/css; charset=utf-8"),
        ] {
            let asset = Assets::built_in().find(name).unwrap();
            assert_eq!((asset.content_type, asset.cache_control), (content_type, ASK_AGAIN), "{name}");
            assert!(!asset.data.is_empty());
        }
        for name in ["assets/landing.html", "assets/", "landing.js", "assets/../Cargo.toml"] {
            assert_eq!(Assets::built_in().find(name), None, "{name}");
        }
    }

    #[test]
    fn what_bundlers_write_has_its_type_and_is_kept() {
        for (name, kind) in [
            ("store/index-BX3kf0aQ.js", "text/javascript; charset=utf-8"),
            ("chunk-7F3KQ2ZD.mjs", "text/javascript; charset=utf-8"),
            ("Inter_Variable-a1b2c3d4.woff2", "font/woff2"),
            ("logo-D0kQ_9xY.svg", "image/svg+xml"),
        ] {
            assert_eq!((content_type(name), names_its_content(name)), (kind, true), "{name}");
        }
        for name in ["index.html", "swagger-ui-bundle.js", "main-navigation.css", "favicon.ico"] {
            assert!(!names_its_content(name), "{name}");
        }
    }

    #[test]
    fn a_tag_is_of_the_content() {
        assert_eq!(etag(b"a"), etag(b"a"));
        assert_ne!(etag(b"a"), etag(b"b"));
        assert_eq!(etag(b"").len(), 34);
    }
}
