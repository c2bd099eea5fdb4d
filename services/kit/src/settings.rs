//! A service's own table of the configuration file.

use anyhow::Context;
use serde::de::DeserializeOwned;

/// One service's table, still untyped. Each service gives it a type with `#[serde(deny_unknown_fields, default)]`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    section: String,
    table: toml::Table,
}

impl Settings {
    /// The table `[section]` of a configuration file.
    pub fn new(section: impl Into<String>, table: toml::Table) -> Self {
        Self { section: section.into(), table }
    }

    /// The table as the service's own type.
    ///
    /// # Errors
    /// Names the section and the key that is unknown, missing or of the wrong type.
    pub fn parse<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        T::deserialize(self.table.clone())
            .with_context(|| format!("section [{}] of the configuration is not valid", self.section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Limits {
        lines: u32,
    }

    impl Default for Limits {
        fn default() -> Self {
            Self { lines: 100 }
        }
    }

    fn parse(text: &str) -> anyhow::Result<Limits> {
        Settings::new("orders", toml::from_str(text).unwrap()).parse()
    }

    #[test]
    fn defaults_and_unknown_keys() {
        assert_eq!(parse("").unwrap().lines, 100);
        assert_eq!(parse("lines = 7").unwrap().lines, 7);
        let error = format!("{:#}", parse("linse = 7").unwrap_err());
        assert!(error.contains("[orders]") && error.contains("linse"), "{error}");
    }
}
