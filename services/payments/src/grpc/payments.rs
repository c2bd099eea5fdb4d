//! GetPayment, ListPayments, ListRefunds.

use shopmesh_kit::{
    error::{Error, Result},
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Resource, Visibility};
use shopmesh_proto::payments::v1 as pb;

use crate::{
    app::App,
    domain::payment::Payment,
    ids::PaymentId,
    store::{payments, refunds},
    translate,
};

/// A payment has few refunds: all of them, unless less is asked for.
const REFUNDS: Sizes = Sizes { default: Sizes::STANDARD.largest, ..Sizes::STANDARD };

/// A payment.
pub async fn get(app: &App, call: &Call, request: pb::GetPaymentRequest) -> Result<pb::Payment> {
    let payment = visible(app, call, PaymentId::parse(&request.name)?).await?;
    Ok(translate::rpc::payment(&payment))
}

/// One page: a shopper's own, an operator's all.
pub async fn list(
    app: &App,
    call: &Call,
    request: pb::ListPaymentsRequest,
) -> Result<pb::ListPaymentsResponse> {
    let owner = match call.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("payments are listed by their owner or an operator"));
        }
    };
    let query = format!("payments of {}", owner.as_deref().unwrap_or("all"));
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let found = payments::list(&app.db, owner.as_deref(), page.cursor(), page.size).await?;
    let (payments, next_page_token) = page.show(
        found,
        |payment| payment.id.as_str().to_owned(),
        |payment| Ok(translate::rpc::payment(payment)),
    )?;
    Ok(pb::ListPaymentsResponse { payments, next_page_token })
}

/// One page of a payment's refunds, oldest first.
pub async fn list_refunds(
    app: &App,
    call: &Call,
    request: pb::ListRefundsRequest,
) -> Result<pb::ListRefundsResponse> {
    let payment = visible(app, call, PaymentId::parse_field("payment", &request.payment)?).await?;
    let query = format!("refunds of {}", payment.id);
    let page = Page::of(request.page_size, &request.page_token, REFUNDS, query)?;
    let after = page.cursor().unwrap_or_default();
    let found = refunds::of_payment(&app.db, &payment.id, after, page.size).await?;
    let (refunds, next_page_token) = page.show(
        found,
        |refund| refund.id.as_str().to_owned(),
        |refund| Ok(translate::rpc::refund(refund)),
    )?;
    Ok(pb::ListRefundsResponse { refunds, next_page_token })
}

/// The payment, if the caller may see it. Who may not does not learn whether it exists (AIP-211).
async fn visible(app: &App, call: &Call, id: PaymentId) -> Result<Payment> {
    let payment = payments::find(&app.db, &id).await?;
    let owner = payment.as_ref().map(|payment| payment.owner.as_str()).filter(|owner| !owner.is_empty());
    call.authorize(&Resource { owner, ..Resource::default() })?;
    payment.ok_or_else(|| Error::not_found(&id.name()))
}
