//! RenderTemplate: what a template would say.

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::notifications::v1 as pb;
use tonic::Response;

use crate::{
    domain::notice::Variables,
    templates::{self, RenderError},
};

/// Answers the message with the given values.
pub fn render_template(request: pb::RenderTemplateRequest) -> Result<Response<pb::RenderTemplateResponse>> {
    let id = request.name.strip_prefix("templates/").unwrap_or(&request.name);
    let template = templates::find(id).ok_or_else(|| Error::not_found(&request.name))?;
    let mut values = Variables::new();
    for (index, pb::TemplateVariable { key, value }) in request.variables.into_iter().enumerate() {
        if values.insert(key, value).is_some() {
            return Err(Error::invalid(&format!("variables[{index}].key"), "is given twice; give each once"));
        }
    }
    let rendered = template.render(&values).map_err(|error| match error {
        RenderError::Broken(problem) => Error::internal(anyhow::anyhow!("template {id}: {problem}")),
        refused => Error::invalid("variables", format!("template {id} {refused}")),
    })?;
    Ok(Response::new(pb::RenderTemplateResponse { subject: rendered.subject, text: rendered.text }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shopmesh_kit::error::ErrorKind;

    fn render(name: &str, variables: &[(&str, &str)]) -> Result<pb::RenderTemplateResponse> {
        let variable =
            |(key, value): &(&str, &str)| pb::TemplateVariable { key: (*key).into(), value: (*value).into() };
        let request = pb::RenderTemplateRequest {
            name: name.to_owned(),
            variables: variables.iter().map(variable).collect(),
        };
        render_template(request).map(Response::into_inner)
    }

    #[test]
    fn previews() {
        let preview = render("templates/payment-refunded", &[("amount", "5.00 USD")]).unwrap();
        assert_eq!(preview.subject, "We refunded 5.00 USD");
        assert!(preview.text.starts_with("Hello,"));
    }

    #[test]
    fn wrong_requests() {
        let five = ("amount", "5.00 USD");
        for (name, variables, kind) in [
            ("templates/nonsense", vec![five], ErrorKind::NotFound),
            ("templates/payment-refunded", vec![], ErrorKind::InvalidArgument),
            ("templates/payment-refunded", vec![five, ("other", "x")], ErrorKind::InvalidArgument),
            ("templates/payment-refunded", vec![five, five], ErrorKind::InvalidArgument),
            ("templates/payment-refunded", vec![("amount", "5\r\nBcc: x@y.z")], ErrorKind::InvalidArgument),
        ] {
            assert_eq!(render(name, &variables).unwrap_err().kind(), kind, "{name} {variables:?}");
        }
    }
}
