//! The texts of messages: files with a subject line and a body, compiled in. What is missing is an error, never a gap.

use std::{collections::BTreeSet, sync::LazyLock};

use minijinja::{Environment, UndefinedBehavior, syntax::SyntaxConfig};

use crate::domain::{
    fact::Fact,
    fact::Variables,
    template::{RenderError, Rendered, Template},
};

/// Ids and texts, by id.
const FILES: [(&str, &str); 7] = [
    ("order-cancelled", include_str!("../../templates/order-cancelled.txt")),
    ("order-placed", include_str!("../../templates/order-placed.txt")),
    ("order-shipped", include_str!("../../templates/order-shipped.txt")),
    ("payment-failed", include_str!("../../templates/payment-failed.txt")),
    ("payment-refunded", include_str!("../../templates/payment-refunded.txt")),
    ("sign-up-repeated", include_str!("../../templates/sign-up-repeated.txt")),
    ("welcome", include_str!("../../templates/welcome.txt")),
];

/// All templates, by id.
pub fn all() -> &'static [Template] {
    static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| FILES.map(Template::read).into());
    &TEMPLATES
}

/// The template with this id.
pub fn find(id: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.id == id)
}

impl Template {
    fn read((id, file): (&'static str, &'static str)) -> Self {
        let (head, text) =
            file.split_once("\n\n").expect("a template has a subject, an empty line and a body");
        let subject = head.strip_prefix("Subject: ").expect("a template begins with its subject");
        let strict = environment();
        let variables: BTreeSet<String> = [subject, text]
            .into_iter()
            .flat_map(|part| {
                let part = strict.template_from_str(part).expect("a template's syntax is right");
                part.undeclared_variables(false)
            })
            .collect();
        let facts = variables.iter().all(|variable| Fact::VARIABLES.contains(&variable.as_str()));
        assert!(facts, "{id} says something else than facts");
        Self { id, subject, text, variables }
    }

    /// The message with these values: exactly one for each variable.
    ///
    /// # Errors
    /// [`RenderError`].
    pub fn render(&self, values: &Variables) -> Result<Rendered, RenderError> {
        if let Some(missing) = self.variables.iter().find(|variable| !values.contains_key(*variable)) {
            return Err(RenderError::Missing(missing.clone()));
        }
        if let Some(unknown) = values.keys().find(|value| !self.variables.contains(*value)) {
            return Err(RenderError::Unknown(unknown.clone()));
        }
        let environment = environment();
        let part = |text| {
            environment.render_str(text, values).map_err(|error| RenderError::Broken(error.to_string()))
        };
        let rendered = Rendered { subject: part(self.subject)?, text: part(self.text)? };
        if rendered.subject.chars().any(char::is_control) {
            return Err(RenderError::HeaderInjection);
        }
        Ok(rendered)
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line that holds only a tag leaves no empty line.
    let syntax = SyntaxConfig::builder().trim_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("the standard delimiters do not clash"));
    environment
}

#[cfg(test)]
mod tests;
