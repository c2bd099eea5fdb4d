//! ListStock: a seller's own, an operator's all.

use shopmesh_kit::{
    error::{Error, Result},
    page::{Page, Sizes},
};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::inventory::v1 as pb;

use crate::{
    app::App,
    store::stock::{self, Filter},
    translate,
};

/// One page, by variant and location.
pub async fn answer(app: &App, call: &Call, request: pb::ListStockRequest) -> Result<pb::ListStockResponse> {
    let sellers = match call.visibility() {
        Visibility::All => None,
        Visibility::Sellers(sellers) if sellers.is_empty() => return Ok(pb::ListStockResponse::default()),
        Visibility::Sellers(sellers) => Some(sellers),
        Visibility::Owner(_) => return Err(Error::denied("stock is listed by its seller or an operator")),
    };
    let query = format!("stock {} {sellers:?}", request.variant);
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, query)?;
    let filter = Filter {
        variant: Some(request.variant.as_str()).filter(|variant| !variant.is_empty()),
        sellers: sellers.as_deref(),
        after: page.cursor().and_then(|cursor| cursor.split_once(' ')).unwrap_or_default(),
    };
    let found = stock::list(&app.db, &filter, page.size).await?;
    let (stock, next_page_token) = page.show(
        found,
        |level| format!("{} {}", level.variant, level.location),
        |level| Ok(translate::rpc::stock(level)),
    )?;
    Ok(pb::ListStockResponse { stock, next_page_token })
}
