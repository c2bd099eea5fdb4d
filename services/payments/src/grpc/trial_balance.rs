//! TrialBalance: whether the books add up.

use shopmesh_kit::error::Result;
use shopmesh_proto::payments::v1 as pb;

use crate::{app::App, store::trial_balance};

/// Every account's balance, and every problem up to a hundred.
pub async fn answer(app: &App) -> Result<pb::TrialBalanceResponse> {
    let found = trial_balance::run(&app.db, &app.ledger_key).await?;
    let accounts = found
        .accounts
        .into_iter()
        .map(|(account, balance)| pb::AccountBalance { account, balance: Some(balance.to_proto()) });
    Ok(pb::TrialBalanceResponse {
        balanced: found.problems.is_empty(),
        accounts: accounts.collect(),
        problems: found.problems,
        checked: found.checked,
    })
}
