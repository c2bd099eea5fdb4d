//! ListOrders: a shopper's own, an operator's all, newest first.

use shopmesh_kit::{
    error::{Error, Result},
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
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let mut orders = orders::list(&app.db, owner.as_deref(), before, limit).await?;
    let more = orders.len() > size;
    orders.truncate(size);
    let last = orders.last().filter(|_| more);
    let next = last.map(|order| PageToken::encode(&fingerprint, &order.placed.number.to_string()));
    Ok(Response::new(pb::ListOrdersResponse {
        orders: orders.iter().map(translate::order).collect::<Result<_>>()?,
        next_page_token: next.unwrap_or_default(),
    }))
}
