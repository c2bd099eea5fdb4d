//! Patterns of `buf.validate`.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// A regular expression that is compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    pub(super) text: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    /// Takes an expression that the build has compiled before.
    pub const fn new(text: &'static str) -> Self {
        Self { text, compiled: OnceLock::new() }
    }

    pub(super) fn is_match(&self, value: &str) -> bool {
        let compile = || RegexBuilder::new(self.text).unicode(false).build();
        self.compiled.get_or_init(|| compile().expect("the build compiled this pattern")).is_match(value)
    }
}
