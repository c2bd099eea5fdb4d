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
    let limit = i64::try_from(size + 1).map_err(Error::internal)?;
    let mut posted = ledger::before(&app.db, before, limit).await?;
    let more = posted.len() > size;
    posted.truncate(size);
    let last = posted.last().filter(|_| more);
    let next = last.map(|last| PageToken::encode("ledger", &last.sequence.to_string()));
    Ok(pb::ListLedgerTransactionsResponse {
        transactions: posted.into_iter().map(translate::transaction).collect::<Result<_>>()?,
        next_page_token: next.unwrap_or_default(),
    })
}
