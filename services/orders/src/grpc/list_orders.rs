//! ListOrders: a shopper's own, an operator's all, newest first.

use shopmesh_kit::{
    error::{Error, Result},
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::orders::v1 as pb;

use crate::{app::App, store::orders, translate};

/// One page; addresses stay sealed.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ListOrdersRequest,
) -> Result<pb::ListOrdersResponse> {
    let owner = match call.visibility() {
        Visibility::All => None,
        Visibility::Owner(owner) => Some(owner),
        Visibility::Sellers(_) => {
            return Err(Error::denied("orders are listed by their owner or an operator"));
        }
    };
    let query = format!("orders of {}", owner.as_deref().unwrap_or("all"));
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let found = orders::list(&app.db, owner.as_deref(), page.parsed_cursor()?, page.size).await?;
    let (orders, next_page_token) =
        page.show(found, |order| order.placed.number.to_string(), translate::rpc::order)?;
    Ok(pb::ListOrdersResponse { orders, next_page_token })
}
