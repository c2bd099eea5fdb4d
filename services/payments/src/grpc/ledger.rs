//! TrialBalance, ListLedgerTransactions.

use super::translate;
use crate::{
    App,
    store::{ledger, trial_balance},
};
use shopmesh_kit::page::{PageToken, clamp};
use shopmesh_proto::payments::v1 as pb;
use tonic::{Request, Response, Status};

/// Sorts after every id.
const TOP: &str = "~";

pub async fn trial_balance(app: &App) -> Result<Response<pb::TrialBalanceResponse>, Status> {
    let found = trial_balance::run(&app.db, &app.ledger_key).await?;
    let accounts = found
        .accounts
        .into_iter()
        .map(|((account, _), balance)| pb::AccountBalance { account, balance: Some(balance.to_proto()) });
    Ok(Response::new(pb::TrialBalanceResponse {
        balanced: found.problems.is_empty(),
        accounts: accounts.collect(),
        problems: found.problems,
        checked: found.checked,
    }))
}

pub async fn list(
    app: &App,
    request: Request<pb::ListLedgerTransactionsRequest>,
) -> Result<Response<pb::ListLedgerTransactionsResponse>, Status> {
    let request = request.into_inner();
    let before = PageToken::decode(&request.page_token, "ledger")?;
    let size = clamp(request.page_size, 50, 1000);
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    let rows = ledger::list(&app.db, before.as_deref().unwrap_or(TOP), limit).await?;
    let next_page_token = match rows.last() {
        Some(last) if rows.len() == size => PageToken::encode("ledger", &last.id),
        _ => String::new(),
    };
    let transactions = rows.into_iter().map(translate::transaction).collect();
    Ok(Response::new(pb::ListLedgerTransactionsResponse { transactions, next_page_token }))
}
