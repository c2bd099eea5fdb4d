//! ListLedgerTransactions, newest first.

use shopmesh_kit::{
    error::Result,
    page::{Page, Sizes},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::payments::v1 as pb;

use crate::{app::App, store::ledger, translate};

/// One page.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::ListLedgerTransactionsRequest,
) -> Result<pb::ListLedgerTransactionsResponse> {
    let page = Page::of(request.page_size, &request.page_token, Sizes::STANDARD, "ledger")?;
    let before = page.parsed_cursor()?;
    let found = ledger::before(&app.db, before, page.size).await?;
    let (transactions, next_page_token) =
        page.show(found, |posted| posted.sequence.to_string(), translate::rpc::transaction)?;
    Ok(pb::ListLedgerTransactionsResponse { transactions, next_page_token })
}
