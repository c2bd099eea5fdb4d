//! ListDeliveries: a person's own, an operator's all, newest first.

use shopmesh_kit::{
    error::{Error, Result},
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::notifications::v1 as pb;

use crate::{
    app::App,
    store::deliveries::{self, Filter},
    translate,
};

/// One page of the log.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ListDeliveriesRequest,
) -> Result<pb::ListDeliveriesResponse> {
    let recipient = match call.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("deliveries are listed by their recipient or an operator"));
        }
    };
    let recipient = recipient.as_deref();
    let about = request.subject_resource.as_str();
    let query = format!("deliveries to {} about {about}", recipient.unwrap_or("all"));
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let subject_resource = Some(about).filter(|name| !name.is_empty());
    let filter = Filter { recipient, subject_resource, before: page.cursor() };
    let found = deliveries::list(&app.db, &filter, page.size).await?;
    let (deliveries, next_page_token) = page.show(
        found,
        |delivery| delivery.id.as_str().to_owned(),
        |delivery| Ok(translate::rpc::delivery(delivery)),
    )?;
    Ok(pb::ListDeliveriesResponse { deliveries, next_page_token })
}
