//! TrialBalance: whether the books add up.

use shopmesh_kit::{error::Result, money::Money};
use shopmesh_proto::payments::v1 as pb;

use crate::{app::App, store::trial_balance};

/// Every account's balance, and every problem up to a hundred.
pub async fn answer(app: &App) -> Result<pb::TrialBalanceResponse> {
    let found = trial_balance::run(&app.db, &app.ledger_key).await?;
    let balance = |(account, currency, minor)| pb::AccountBalance {
        account,
        balance: Money::sum_to_proto(minor, currency),
    };
    Ok(pb::TrialBalanceResponse {
        balanced: found.problems.is_empty(),
        accounts: found.accounts.into_iter().map(balance).collect(),
        problems: found.problems,
        checked: found.checked,
    })
}
