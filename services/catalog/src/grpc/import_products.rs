//! ImportProducts: many upserts by code in one transaction.

use shopmesh_kit::{
    error::{Error, Result},
    events::Cause,
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use crate::{
    app::App,
    domain::import::check_distinct,
    translate,
    usecases::import_products::{self, Import},
};

/// Most variants in one request: their names have to fit into the answer.
const MAX_VARIANTS: usize = 20_000;

/// What became of each row.
pub async fn answer(
    app: &App,
    call: &Call,
    request: pb::ImportProductsRequest,
) -> Result<pb::ImportProductsResponse> {
    let given = request.products;
    if given.iter().map(|product| product.variants.len()).sum::<usize>() > MAX_VARIANTS {
        let problem = format!("have more than {MAX_VARIANTS} variants together; send fewer products at once");
        return Err(Error::invalid("products", problem));
    }
    let rows = translate::rpc::import_rows(given)?;
    check_distinct(&rows)?;
    let import = Import { rows, cause: Cause::of(call, &*app.clock) };
    let done = app.db.write(import, |tx, import| Box::pin(import_products::import(tx, import))).await?;
    let products = done.iter().map(|(product, outcome)| translate::rpc::imported(product, *outcome));
    Ok(pb::ImportProductsResponse { products: products.collect() })
}
