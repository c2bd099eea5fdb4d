//! What is wrong with a JSON text or a wire message, and in which field.

use std::fmt;

/// A message that cannot be translated. The path is in JSON names, such as `lines[2].quantity`.
///
/// One word long, so that the results of what succeeds are short too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    path: String,
    problem: String,
}

/// What the codec returns.
pub type Result<T> = std::result::Result<T, JsonError>;

impl JsonError {
    /// A problem with the whole value; the callers on the way out say where that value is.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(Box::new(Parts { path: String::new(), problem: problem.into() }))
    }

    /// Where, empty for the whole message.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong and what would be right.
    pub fn problem(&self) -> &str {
        &self.0.problem
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
        let path = &mut self.0.path;
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        *path = format!("{outer}{dot}{path}");
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path().is_empty() {
            return f.write_str(self.problem());
        }
        write!(f, "{}: {}", self.path(), self.problem())
    }
}

impl std::error::Error for JsonError {}
