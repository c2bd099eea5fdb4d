//! ImportStock: sets on hand to counted values, many in one transaction.

use std::collections::HashSet;

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::inventory::v1 as pb;

use super::sellers;
use crate::{
    app::App,
    usecases::import_stock::{self, Count, CountedRow},
};

/// How many rows were set now, and how many by an earlier call.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ImportStockRequest,
) -> Result<pb::ImportStockResponse> {
    let rows = rows(request.counts)?;
    let cause = Cause::of(call, &*app.clock);
    let sellers = sellers::of(app, call, &import_stock::variants_of(rows.iter())).await?;
    let count = Count { id: request.count_id, rows, sellers, cause };
    let done = app.db.write(count, |tx, count| Box::pin(import_stock::import(tx, count)));
    let (reply, changed) = done.await?;
    app.feed.publish(changed);
    Ok(reply)
}

/// The rows, each place once.
fn rows(given: Vec<pb::StockCount>) -> Result<Vec<CountedRow>> {
    let mut places = HashSet::with_capacity(given.len());
    let mut rows = Vec::with_capacity(given.len());
    for (index, row) in given.into_iter().enumerate() {
        let place = (row.variant, row.location);
        if !places.insert(place.clone()) {
            let problem = "counts a variant and location that an earlier row has counted; keep one";
            return Err(Error::invalid(&format!("counts[{index}]"), problem));
        }
        rows.push(CountedRow { place, named: row.seller, on_hand: row.on_hand });
    }
    Ok(rows)
}
