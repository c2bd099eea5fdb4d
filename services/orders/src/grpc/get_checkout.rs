//! GetCheckout.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::{Call, Resource};
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::{found::found, translate};
use crate::{app::App, domain::checkout::Checkout, ids::CheckoutId, store::checkouts};

/// Answers the checkout as it stands.
pub async fn get_checkout(
    app: &App,
    request: Request<pb::GetCheckoutRequest>,
) -> Result<Response<pb::Checkout>, Status> {
    let checkout = authorized(app, Call::of(&request)?, &request.get_ref().name).await?;
    Ok(Response::new(translate::checkout(&checkout)))
}

/// The checkout of that name, if its caller may have it.
pub(super) async fn authorized(app: &App, call: &Call, name: &str) -> Result<Checkout, Status> {
    let checkout = found(call, checkouts::get(&app.db, &CheckoutId::parse(name)?).await)?;
    call.authorize(&Resource { owner: Some(&checkout.owner), ..Resource::default() })?;
    Ok(checkout)
}
