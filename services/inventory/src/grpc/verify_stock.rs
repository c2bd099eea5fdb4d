//! VerifyStock.

use super::translate;
use crate::{App, store::verify};
use shopmesh_proto::inventory::v1::VerifyStockResponse;
use tonic::{Response, Status};

pub async fn verify_stock(app: &App) -> Result<Response<VerifyStockResponse>, Status> {
    Ok(Response::new(translate::findings(verify::run(&app.db).await?)))
}
