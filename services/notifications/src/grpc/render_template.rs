//! RenderTemplate: what a template would say.

use shopmesh_kit::error::{Error, Result};
use shopmesh_mesh::server::Call;
use shopmesh_proto::notifications::v1 as pb;

use crate::{app::App, domain::template::RenderError, templates, translate};

/// The message with the given values.
pub async fn answer(
    _: &App,
    _: &Call,
    request: pb::RenderTemplateRequest,
) -> Result<pb::RenderTemplateResponse> {
    render(request)
}

fn render(request: pb::RenderTemplateRequest) -> Result<pb::RenderTemplateResponse> {
    let id = request.name.strip_prefix("templates/").unwrap_or(&request.name);
    let template = templates::find(id).ok_or_else(|| Error::not_found(&request.name))?;
    let values = translate::rpc::variables(request.variables)?;
    let rendered = template.render(&values).map_err(|error| match error {
        RenderError::Broken(problem) => Error::internal(anyhow::anyhow!("template {id}: {problem}")),
        refused => Error::invalid("variables", format!("template {id} {refused}")),
    })?;
    Ok(translate::rpc::rendered(rendered))
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::error::ErrorKind;

    use super::*;

    fn preview(name: &str, variables: &[(&str, &str)]) -> Result<pb::RenderTemplateResponse> {
        let variable =
            |(key, value): &(&str, &str)| pb::TemplateVariable { key: (*key).into(), value: (*value).into() };
        let request = pb::RenderTemplateRequest {
            name: name.to_owned(),
            variables: variables.iter().map(variable).collect(),
        };
        render(request)
    }

    #[test]
    fn previews() {
        let preview = preview("templates/payment-refunded", &[("amount", "5.00 USD")]).unwrap();
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
            assert_eq!(preview(name, &variables).unwrap_err().kind(), kind, "{name} {variables:?}");
        }
    }
}
