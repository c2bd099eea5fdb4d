//! Requests and replies.

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::notifications::v1 as pb;

use crate::domain::{
    delivery::{Channel, Delivery, State},
    fact::Variables,
    template::{Rendered, Template},
};

/// An entry of the delivery log.
pub fn delivery(delivery: &Delivery) -> pb::Delivery {
    let channel = match delivery.channel {
        Channel::Email => pb::NotificationChannel::Email,
    };
    let state = match delivery.state {
        State::Queued => pb::DeliveryState::Queued,
        State::Sent => pb::DeliveryState::Sent,
        State::Failed => pb::DeliveryState::Failed,
    };
    pb::Delivery {
        name: delivery.id.name(),
        recipient: delivery.recipient.name(),
        channel: channel.into(),
        template: delivery.template.clone(),
        subject_resource: delivery.subject_resource.clone(),
        state: state.into(),
        attempts: i32::try_from(delivery.attempts).unwrap_or(i32::MAX),
        last_error: delivery.last_error.clone(),
        create_time: Some(delivery.created.to_proto()),
        send_time: delivery.sent.map(|at| at.to_proto()),
    }
}

/// A template.
pub fn template(template: &Template) -> pb::Template {
    pb::Template {
        name: format!("templates/{}", template.id),
        subject: template.subject.to_owned(),
        text: template.text.to_owned(),
        variables: template.variables.iter().cloned().collect(),
    }
}

/// The values of a template's variables.
///
/// # Errors
/// INVALID_ARGUMENT when one is given twice.
pub fn variables(given: Vec<pb::TemplateVariable>) -> Result<Variables> {
    let mut values = Variables::new();
    for (index, pb::TemplateVariable { key, value }) in given.into_iter().enumerate() {
        if values.insert(key, value).is_some() {
            return Err(Error::invalid(&format!("variables[{index}].key"), "is given twice; give each once"));
        }
    }
    Ok(values)
}

/// What a template says.
pub fn rendered(rendered: Rendered) -> pb::RenderTemplateResponse {
    pb::RenderTemplateResponse { subject: rendered.subject, text: rendered.text }
}
