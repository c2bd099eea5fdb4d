//! VerifyStock: recomputes stock from movements and reservations.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use crate::{app::App, store::verification, translate};

const MOST_DIFFERENCES: usize = 100;

/// The sums, and every difference up to a hundred.
pub async fn answer(app: &App, _: &Call, _: pb::VerifyStockRequest) -> Result<pb::VerifyStockResponse> {
    let limit = i64::try_from(MOST_DIFFERENCES).expect("a hundred fits");
    let mut differences = verification::differences(&app.db, limit).await?;
    // A row may differ in more than one quantity.
    differences.truncate(MOST_DIFFERENCES);
    for difference in &differences {
        tracing::error!(?difference, "stock does not add up");
    }
    Ok(translate::rpc::verification(verification::totals(&app.db).await?, differences))
}
