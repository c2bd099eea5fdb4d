//! QuoteVariants: what variants cost in a channel now.

use std::collections::{BTreeMap, HashMap};

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::channels;
use crate::{
    app::App,
    ids::{ProductId, VariantId},
    store::{
        products::{self, PRODUCTS_AT_ONCE},
        variants,
    },
    translate,
};

/// In the order of the request; a variant asked for twice is answered twice.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::QuoteVariantsRequest,
) -> Result<pb::QuoteVariantsResponse> {
    let channel = request.channel.as_str();
    channels::check_exists(app, channel).await?;
    let ids: Vec<VariantId> =
        request.variants.iter().map(|name| VariantId::parse(name)).collect::<Result<_>>()?;
    let quotes = quotes(app, channel, &ids).await?;
    let mut reply = pb::QuoteVariantsResponse::default();
    for id in &ids {
        match quotes.get(id) {
            Some(quote) => reply.quotes.push(quote.clone()),
            None => reply.unavailable.push(id.name()),
        }
    }
    Ok(reply)
}

/// Of those of `ids` that are for sale.
async fn quotes<'a>(
    app: &App,
    channel: &str,
    ids: &'a [VariantId],
) -> Result<HashMap<&'a VariantId, pb::VariantQuote>> {
    let owners = variants::products_of(&app.db, ids).await?;
    let mut wanted: BTreeMap<&ProductId, Vec<&VariantId>> = BTreeMap::new();
    for id in ids {
        if let Some(product) = owners.get(id) {
            wanted.entry(product).or_default().push(id);
        }
    }
    let products: Vec<ProductId> = wanted.keys().map(|id| (*id).clone()).collect();
    let mut quotes = HashMap::with_capacity(ids.len());
    for chunk in products.chunks(PRODUCTS_AT_ONCE) {
        for product in products::by_ids(&app.db, chunk).await? {
            for id in wanted.get(&product.id).into_iter().flatten().copied() {
                if let Some((variant, price)) = product.for_sale(id, channel) {
                    quotes.insert(id, translate::rpc::quote(&product, variant, price));
                }
            }
        }
    }
    Ok(quotes)
}
