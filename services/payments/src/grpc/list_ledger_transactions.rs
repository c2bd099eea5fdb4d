//! ListLedgerTransactions, newest first.

use shopmesh_kit::{
    error::{Error, Result},
    page::{self, PageToken},
};
use shopmesh_proto::payments::v1 as pb;
use tonic::Request;

use super::{DEFAULT_PAGE, LARGEST_PAGE, translate};
use crate::{app::App, store::ledger};

/// One page.
pub async fn answer(
    app: &App,
    request: Request<pb::ListLedgerTransactionsRequest>,
) -> Result<pb::ListLedgerTransactionsResponse> {
    let request = request.into_inner();
    let before = PageToken::decode(&request.page_token, "ledger")?;
    let before = before.map_or(Ok(i64::MAX), |sequence| sequence.parse());
    let before = before.map_err(|_| Error::invalid("page_token", "is damaged; start from the first page"))?;
    let size = page::clamp(request.page_size, DEFAULT_PAGE, LARGEST_PAGE);
    let found = ledger::before(&app.db, before, size).await?;
    let (transactions, next_page_token) =
        found.show("ledger", |posted| posted.sequence.to_string(), translate::transaction)?;
    Ok(pb::ListLedgerTransactionsResponse { transactions, next_page_token })
}
