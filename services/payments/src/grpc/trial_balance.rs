//! TrialBalance: whether the books add up.

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;

use crate::{app::App, store::trial_balance, translate};

/// Every account's balance, and every problem up to a hundred.
pub async fn answer(app: &App, _: &Call, _: pb::TrialBalanceRequest) -> Result<pb::TrialBalanceResponse> {
    let found = trial_balance::run(&app.db, &app.ledger_key).await?;
    for problem in &found.problems {
        tracing::error!(problem, "the ledger does not add up");
    }
    Ok(translate::rpc::trial_balance(found))
}
