//! What messages say, as texts with variables.

use std::collections::BTreeSet;

/// A template.
pub struct Template {
    /// Its id, such as `order-placed`.
    pub id: &'static str,
    /// Subject line with variables.
    pub subject: &'static str,
    /// Body with variables.
    pub text: &'static str,
    /// Variables it needs.
    pub variables: BTreeSet<String>,
}

/// A message.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Lines end with `\n`.
    pub text: String,
}

/// Why a message cannot be rendered.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A variable has no value.
    #[error("needs a value for `{0}`")]
    Missing(String),
    /// A value is for no variable.
    #[error("has no variable `{0}`")]
    Unknown(String),
    /// A value would end the subject's header and begin another one.
    #[error("has a control character in its subject; remove it from the variables")]
    HeaderInjection,
    /// The template itself is wrong.
    #[error("cannot be rendered: {0}")]
    Broken(String),
}
