//! What is wrong with a JSON text or a wire message, and in which field.

use std::fmt;

/// A message that cannot be translated. The path is in JSON names, such as `lines[2].quantity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    path: String,
    problem: String,
}

/// What the codec returns.
pub type Result<T> = std::result::Result<T, JsonError>;

impl JsonError {
    /// A problem with the whole value; the callers on the way out say where that value is.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self { path: String::new(), problem: problem.into() }
    }

    /// Where, empty for the whole message.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong and what would be right.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    pub(crate) fn in_field(self, name: &str) -> Self {
        self.inside(name)
    }

    pub(crate) fn in_index(self, index: usize) -> Self {
        self.inside(&format!("[{index}]"))
    }

    pub(crate) fn in_key(self, key: &str) -> Self {
        self.inside(&format!("[{key:?}]"))
    }

    fn inside(mut self, outer: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{outer}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.problem);
        }
        write!(f, "{}: {}", self.path, self.problem)
    }
}

impl std::error::Error for JsonError {}
