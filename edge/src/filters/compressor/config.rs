//! `envoy.extensions.filters.http.compressor.v3.Compressor` with `Gzip`, for answers.

use flate2::Compression;
use serde::Deserialize;

use crate::bootstrap::{
    reader::{ConfigError, TypedConfig, YamlPath, read},
    scalars::{RuntimeFlag, Wrapper},
    schema::NamedConfig,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compressor {
    compressor_library: NamedConfig,
    #[serde(default)]
    pub response_direction_config: ResponseDirection,
}

/// `Compressor.ResponseDirectionConfig`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseDirection {
    #[serde(default)]
    pub common_config: CommonDirection,
    /// An answer with an `etag` is left as it is.
    #[serde(default)]
    pub disable_on_etag_header: bool,
    /// A strong `etag` becomes a weak one; otherwise it is removed, since it names other bytes.
    #[serde(default)]
    pub weaken_etag_on_compress: bool,
    /// The upstream does not see `accept-encoding`, so that only the edge compresses.
    #[serde(default)]
    pub remove_accept_encoding_header: bool,
}

/// `Compressor.CommonDirectionConfig`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonDirection {
    /// On by default.
    enabled: Option<RuntimeFlag>,
    /// Bytes; 30 by default. What has no `content-length` is long enough.
    min_content_length: Option<Wrapper<u32>>,
    /// Without parameters; common types of text by default.
    #[serde(default)]
    content_type: Vec<String>,
}

/// `compression.gzip.compressor.v3.Gzip`: the fields that clients can tell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gzip {
    #[serde(default)]
    compression_level: CompressionLevel,
}

/// `Gzip.CompressionLevel`, as zlib's.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum CompressionLevel {
    #[default]
    #[serde(alias = "0")]
    DefaultCompression,
    #[serde(alias = "COMPRESSION_LEVEL_1", alias = "1")]
    BestSpeed,
    #[serde(rename = "COMPRESSION_LEVEL_2", alias = "2")]
    Level2,
    #[serde(rename = "COMPRESSION_LEVEL_3", alias = "3")]
    Level3,
    #[serde(rename = "COMPRESSION_LEVEL_4", alias = "4")]
    Level4,
    #[serde(rename = "COMPRESSION_LEVEL_5", alias = "5")]
    Level5,
    #[serde(rename = "COMPRESSION_LEVEL_6", alias = "6")]
    Level6,
    #[serde(rename = "COMPRESSION_LEVEL_7", alias = "7")]
    Level7,
    #[serde(rename = "COMPRESSION_LEVEL_8", alias = "8")]
    Level8,
    #[serde(alias = "COMPRESSION_LEVEL_9", alias = "9")]
    BestCompression,
}

const GZIP: &str = "envoy.extensions.compression.gzip.compressor.v3.Gzip";

/// Envoy's list.
const CONTENT_TYPES: &[&str] = &[
    "application/javascript",
    "application/json",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/plain",
    "text/xml",
];

impl Compressor {
    /// Reads `compressor_library`.
    pub fn level(&self, at: &YamlPath) -> Result<Compression, ConfigError> {
        let at = at.field("compressor_library").field("typed_config");
        let config = TypedConfig::split(self.compressor_library.typed_config.clone(), &at)?;
        if config.type_name != GZIP {
            return Err(at.field("@type").error(format!("must be {GZIP}")));
        }
        let gzip: Gzip = read(config.fields, &at)?;
        Ok(Compression::new(match gzip.compression_level {
            CompressionLevel::BestSpeed => 1,
            CompressionLevel::Level2 => 2,
            CompressionLevel::Level3 => 3,
            CompressionLevel::Level4 => 4,
            CompressionLevel::Level5 => 5,
            CompressionLevel::DefaultCompression | CompressionLevel::Level6 => 6,
            CompressionLevel::Level7 => 7,
            CompressionLevel::Level8 => 8,
            CompressionLevel::BestCompression => 9,
        }))
    }
}

impl CommonDirection {
    pub fn enabled(&self) -> bool {
        self.enabled.as_ref().is_none_or(|flag| flag.default_value.0)
    }

    pub fn min_content_length(&self) -> u64 {
        u64::from(self.min_content_length.map_or(30, |length| length.0))
    }

    /// Whether answers of this media type are compressed.
    pub fn takes(&self, media_type: &str) -> bool {
        if self.content_type.is_empty() {
            return CONTENT_TYPES.contains(&media_type);
        }
        self.content_type.iter().any(|listed| listed == media_type)
    }
}
