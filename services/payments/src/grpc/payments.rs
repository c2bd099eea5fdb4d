//! GetPayment, ListPayments, ListRefunds.

use shopmesh_kit::{
    error::{Error, Result},
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Resource, Visibility};
use shopmesh_proto::payments::v1 as pb;
use tonic::Request;

use super::{DEFAULT_PAGE, LARGEST_PAGE, translate};
use crate::{
    app::App,
    domain::payment::Payment,
    store::{payments, refunds},
};

/// Sorts after every id.
const NEWEST: &str = "~";

/// A payment.
pub async fn get(app: &App, request: Request<pb::GetPaymentRequest>) -> Result<pb::Payment> {
    let payment = visible(app, Call::of(&request)?, &request.get_ref().name).await?;
    Ok(translate::payment(&payment))
}

/// One page: a shopper's own, an operator's all.
pub async fn list(app: &App, request: Request<pb::ListPaymentsRequest>) -> Result<pb::ListPaymentsResponse> {
    let owner = match Call::of(&request)?.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("payments are listed by their owner or an operator"));
        }
    };
    let request = request.into_inner();
    let fingerprint = format!("payments of {}", owner.as_deref().unwrap_or("all"));
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let before = before.as_deref().unwrap_or(NEWEST);
    let found = payments::list(&app.db, owner.as_deref(), before, size).await?;
    let (payments, next_page_token) =
        found.show(&fingerprint, |payment| payment.id.name(), |payment| Ok(translate::payment(payment)))?;
    Ok(pb::ListPaymentsResponse { payments, next_page_token })
}

/// One page of a payment's refunds, oldest first.
pub async fn list_refunds(
    app: &App,
    request: Request<pb::ListRefundsRequest>,
) -> Result<pb::ListRefundsResponse> {
    let payment = visible(app, Call::of(&request)?, &request.get_ref().payment).await?;
    let request = request.into_inner();
    let fingerprint = format!("refunds of {}", request.payment);
    let after = PageToken::decode(&request.page_token, &fingerprint)?.unwrap_or_default();
    let size = page::clamp(request.page_size, LARGEST_PAGE, LARGEST_PAGE);
    let found = refunds::of_payment(&app.db, &payment.id, &after, size).await?;
    let (refunds, next_page_token) =
        found.show(&fingerprint, |refund| refund.id.name(), |refund| Ok(translate::refund(refund)))?;
    Ok(pb::ListRefundsResponse { refunds, next_page_token })
}

/// The payment, if the caller may see it. Who may not does not learn whether it exists (AIP-211).
async fn visible(app: &App, call: &Call, name: &str) -> Result<Payment> {
    let payment = payments::find(&app.db, name).await?;
    let owner = payment.as_ref().map(|payment| payment.owner.as_str()).filter(|owner| !owner.is_empty());
    call.authorize(&Resource { owner, ..Resource::default() })?;
    payment.ok_or_else(|| Error::not_found(name))
}
