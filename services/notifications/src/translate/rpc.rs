//! domain -> proto.

use shopmesh_proto::notifications::v1 as pb;

use crate::{
    domain::delivery::{Delivery, State},
    templates::Template,
};

/// An entry of the delivery log.
pub fn delivery(delivery: &Delivery) -> pb::Delivery {
    let state = match delivery.state {
        State::Queued => pb::DeliveryState::Queued,
        State::Sent => pb::DeliveryState::Sent,
        State::Failed => pb::DeliveryState::Failed,
    };
    pb::Delivery {
        name: delivery.id.name(),
        recipient: delivery.recipient.name(),
        channel: pb::NotificationChannel::Email.into(),
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
