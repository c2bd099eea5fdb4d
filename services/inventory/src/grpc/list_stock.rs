//! ListStock: a seller's own, an operator's all.

use shopmesh_kit::{
    error::{Error, Result},
    page::{self, PageToken},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::inventory::v1 as pb;
use tonic::Request;

use super::translate;
use crate::{
    app::App,
    store::stock::{self, Filter},
};

const DEFAULT_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// One page, by variant and location.
pub async fn answer(app: &App, request: Request<pb::ListStockRequest>) -> Result<pb::ListStockResponse> {
    let sellers = match Call::of(&request)?.visibility() {
        Visibility::All => None,
        Visibility::Sellers(sellers) if sellers.is_empty() => return Ok(pb::ListStockResponse::default()),
        Visibility::Sellers(sellers) => Some(sellers),
        Visibility::Owner(_) => return Err(Error::denied("stock is listed by its seller or an operator")),
    };
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let fingerprint = format!("stock {} {sellers:?}", request.variant);
    let cursor = PageToken::decode(&request.page_token, &fingerprint)?.unwrap_or_default();
    let filter = Filter {
        variant: Some(request.variant.as_str()).filter(|variant| !variant.is_empty()),
        sellers: sellers.as_deref(),
        after: cursor.split_once(' ').unwrap_or_default(),
    };
    let found = stock::list(&app.db, &filter, size).await?;
    let (stock, next_page_token) = found.show(
        &fingerprint,
        |level| format!("{} {}", level.variant, level.location),
        |level| Ok(translate::stock(level)),
    )?;
    Ok(pb::ListStockResponse { stock, next_page_token })
}
