//! GetPayment, ListPayments, ListRefunds.

use super::translate;
use crate::{
    App,
    store::{
        payments::{self, Payment},
        refunds,
    },
};
use shopmesh_kit::{
    error::Error,
    page::{PageToken, clamp},
};
use shopmesh_mesh::server::{Call, Resource, Visibility};
use shopmesh_proto::payments::v1 as pb;
use tonic::{Request, Response, Status};

/// Sorts after every id.
const TOP: &str = "~";

/// The payment, if the caller may see it. Who may not does not learn whether it exists (AIP-211).
pub async fn visible<T>(app: &App, request: &Request<T>, name: &str) -> Result<Payment, Status> {
    let payment = payments::get(&app.db, name).await?;
    let owner = payment.as_ref().map(|payment| payment.owner.as_str()).filter(|owner| !owner.is_empty());
    Call::of(request)?.authorize(&Resource { owner, ..Resource::default() })?;
    Ok(payment.ok_or_else(|| Error::not_found(name))?)
}

pub async fn get(
    app: &App,
    request: Request<pb::GetPaymentRequest>,
) -> Result<Response<pb::Payment>, Status> {
    let payment = visible(app, &request, &request.get_ref().name).await?;
    Ok(Response::new(translate::payment(payment)))
}

pub async fn list(
    app: &App,
    request: Request<pb::ListPaymentsRequest>,
) -> Result<Response<pb::ListPaymentsResponse>, Status> {
    let owner = match Call::of(&request)?.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        // The contract binds payments to no seller.
        Visibility::Sellers(_) => return Err(Error::denied("sellers do not see payments").into()),
    };
    let request = request.into_inner();
    let fingerprint = format!("payments {owner:?}");
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let size = clamp(request.page_size, 50, 1000);
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = payments::list(&app.db, owner.as_deref(), before.as_deref().unwrap_or(TOP), limit).await?;
    let next_page_token = match rows.last() {
        Some(last) if rows.len() == size => PageToken::encode(&fingerprint, &last.id.name()),
        _ => String::new(),
    };
    let payments = rows.into_iter().map(translate::payment).collect();
    Ok(Response::new(pb::ListPaymentsResponse { payments, next_page_token }))
}

pub async fn list_refunds(
    app: &App,
    request: Request<pb::ListRefundsRequest>,
) -> Result<Response<pb::ListRefundsResponse>, Status> {
    let payment = visible(app, &request, &request.get_ref().payment).await?;
    let refunds = refunds::of_payment(&app.db, &payment.id.name()).await?;
    let refunds =
        refunds.into_iter().map(|refund| translate::refund(refund, payment.amount.currency)).collect();
    Ok(Response::new(pb::ListRefundsResponse { refunds }))
}
