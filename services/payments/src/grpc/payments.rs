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
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let before = before.as_deref().unwrap_or(NEWEST);
    let mut payments = payments::list(&app.db, owner.as_deref(), before, limit).await?;
    let more = payments.len() > size;
    payments.truncate(size);
    let last = payments.last().filter(|_| more);
    let next = last.map(|last| PageToken::encode(&fingerprint, &last.id.name()));
    Ok(pb::ListPaymentsResponse {
        payments: payments.iter().map(translate::payment).collect(),
        next_page_token: next.unwrap_or_default(),
    })
}

/// All refunds of a payment, oldest first.
pub async fn list_refunds(
    app: &App,
    request: Request<pb::ListRefundsRequest>,
) -> Result<pb::ListRefundsResponse> {
    let payment = visible(app, Call::of(&request)?, &request.get_ref().payment).await?;
    let refunds = refunds::of_payment(&app.db, &payment.id).await?;
    Ok(pb::ListRefundsResponse { refunds: refunds.iter().map(translate::refund).collect() })
}

/// The payment, if the caller may see it. Who may not does not learn whether it exists (AIP-211).
async fn visible(app: &App, call: &Call, name: &str) -> Result<Payment> {
    let payment = payments::find(&app.db, name).await?;
    let owner = payment.as_ref().map(|payment| payment.owner.as_str()).filter(|owner| !owner.is_empty());
    call.authorize(&Resource { owner, ..Resource::default() })?;
    payment.ok_or_else(|| Error::not_found(name))
}
