//! `google.api.http` as it is written at a method.

use prost_reflect::MethodDescriptor;

use crate::google::api::{HttpRule, http_rule::Pattern};

/// A REST form of an RPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpBinding {
    /// `GET`, `POST`...
    pub verb: String,
    /// `/v1/{name=orders/*}`.
    pub template: String,
    /// `*`, a field, or empty for none.
    pub body: String,
    /// A field, or empty for the whole message.
    pub response_body: String,
}

/// The REST forms of an RPC, additional bindings among them; none if it is not annotated, or if its descriptors do not know
/// the annotation.
pub fn http_bindings(method: &MethodDescriptor) -> Vec<HttpBinding> {
    let (annotation, options) =
        (method.parent_pool().get_extension_by_name("google.api.http"), method.options());
    let rule: Option<HttpRule> = annotation
        .and_then(|annotation| options.get_extension(&annotation).as_message()?.transcode_to().ok());
    let rules = rule.iter().flat_map(|rule| std::iter::once(rule).chain(&rule.additional_bindings));
    rules.filter_map(http_binding).collect()
}

fn http_binding(rule: &HttpRule) -> Option<HttpBinding> {
    let (verb, template) = match rule.pattern.as_ref()? {
        Pattern::Get(template) => ("GET", template),
        Pattern::Put(template) => ("PUT", template),
        Pattern::Post(template) => ("POST", template),
        Pattern::Delete(template) => ("DELETE", template),
        Pattern::Patch(template) => ("PATCH", template),
        Pattern::Custom(custom) => (custom.kind.as_str(), &custom.path),
    };
    Some(HttpBinding {
        verb: verb.to_owned(),
        template: template.clone(),
        body: rule.body.clone(),
        response_body: rule.response_body.clone(),
    })
}
