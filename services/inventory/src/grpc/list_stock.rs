//! ListStock: a seller sees what is theirs.

use super::translate;
use crate::{App, store::stock};
use shopmesh_kit::page::{PageToken, clamp};
use shopmesh_mesh::server::{Call, Visibility};
use shopmesh_proto::inventory::v1::{ListStockRequest, ListStockResponse};
use tonic::{Request, Response, Status};

pub async fn list_stock(
    app: &App,
    request: Request<ListStockRequest>,
) -> Result<Response<ListStockResponse>, Status> {
    let visibility = Call::of(&request)?.visibility();
    let request = request.into_inner();
    let fingerprint = format!("stock {visibility:?} {}", request.variant);
    let sellers = match visibility {
        Visibility::All => None,
        Visibility::Sellers(sellers) => Some(sellers),
        // The contract names no owner for stock: nobody owns any.
        Visibility::Owner(_) => Some(Vec::new()),
    };
    let after = PageToken::decode(&request.page_token, &fingerprint)?.unwrap_or_default();
    let after = after.split_once(' ').unwrap_or_default();
    let size = clamp(request.page_size, 50, 1000);
    let variant = Some(request.variant.as_str()).filter(|variant| !variant.is_empty());
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = stock::list(&app.db, variant, sellers.as_deref(), after, limit).await?;
    let next_page_token = match rows.last() {
        Some(last) if rows.len() == size => {
            PageToken::encode(&fingerprint, &format!("{} {}", last.variant, last.location))
        }
        _ => String::new(),
    };
    Ok(Response::new(ListStockResponse {
        stock: rows.into_iter().map(translate::stock).collect(),
        next_page_token,
    }))
}
