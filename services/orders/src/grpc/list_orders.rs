//! ListOrders: a shopper's own, an operator's all, newest first.

use shopmesh_kit::{
    error::Error,
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::orders::v1 as pb;
use tonic::{Request, Response, Status};

use super::translate;
use crate::{app::App, store::orders};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// Answers one page; addresses stay sealed.
pub async fn list_orders(
    app: &App,
    request: Request<pb::ListOrdersRequest>,
) -> Result<Response<pb::ListOrdersResponse>, Status> {
    let owner = match Call::of(&request)?.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("orders are listed by their owner or an operator").into());
        }
    };
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let fingerprint = format!("orders of {}", owner.as_deref().unwrap_or("all"));
    let before = PageToken::decode(&request.page_token, &fingerprint)?;
    let before = before.map(|number| number.parse::<i64>()).transpose();
    let before = before.map_err(|_| Error::invalid("page_token", "is damaged; start from the first page"))?;
    let found = orders::list(&app.db, owner.as_deref(), before, size).await?;
    let (orders, next_page_token) =
        found.show(&fingerprint, |order| order.placed.number.to_string(), translate::order)?;
    Ok(Response::new(pb::ListOrdersResponse { orders, next_page_token }))
}
