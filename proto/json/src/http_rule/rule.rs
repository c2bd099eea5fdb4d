//! The rules of one method, read off its descriptor.

use prost_reflect::MethodDescriptor;

use super::annotation::{HttpBinding, http_bindings};
use super::error::RuleError;
use super::template::Template;

/// What a request body holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyUse {
    /// Nothing: there is none.
    None,
    /// The whole message.
    Whole,
    /// One top-level field.
    Field(String),
}

/// One way in which HTTP requests call a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRule {
    /// HTTP method; `*` stands for all.
    pub method: String,
    /// Path.
    pub template: Template,
    /// What the request body holds.
    pub body: BodyUse,
    /// Which field of the response is the body; none for all of it.
    pub response_body: Option<String>,
}

/// The rules of a method, additional bindings among them; none if it is not annotated.
///
/// # Errors
/// If a path template is malformed.
pub fn http_rules(method: &MethodDescriptor) -> Result<Vec<HttpRule>, RuleError> {
    let bindings = http_bindings(method);
    let rules = bindings.into_iter().map(|binding| {
        read(binding).map_err(|RuleError(problem)| RuleError(format!("{}: {problem}", method.full_name())))
    });
    rules.collect()
}

/// The rule for a method that has none: `POST /package.Service/Method` with the whole message as body (Envoy's `auto_mapping`).
pub fn auto_mapping(method: &MethodDescriptor) -> HttpRule {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    HttpRule {
        method: "POST".to_owned(),
        template: Template::parse(&path).expect("names of services and methods are literals"),
        body: BodyUse::Whole,
        response_body: None,
    }
}

fn read(binding: HttpBinding) -> Result<HttpRule, RuleError> {
    let body = match binding.body.as_str() {
        "" => BodyUse::None,
        "*" => BodyUse::Whole,
        _ => BodyUse::Field(binding.body),
    };
    let response_body = Some(binding.response_body).filter(|field| !field.is_empty());
    Ok(HttpRule { method: binding.verb, template: Template::parse(&binding.template)?, body, response_body })
}
