//! QuoteVariants: what variants cost in a channel now.

use std::collections::{BTreeMap, HashMap};

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::catalog::v1::{QuoteVariantsRequest, QuoteVariantsResponse, VariantQuote};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        ids::{ProductId, VariantId},
        product::{Product, ProductState},
    },
    store::{
        channels,
        products::{self, PRODUCTS_AT_ONCE},
    },
};

pub async fn answer(
    catalog: &Catalog,
    request: Request<QuoteVariantsRequest>,
) -> Result<QuoteVariantsResponse> {
    let QuoteVariantsRequest { channel, variants } = request.into_inner();
    if channels::find(&catalog.db, &channel).await?.is_none() {
        return Err(Error::invalid("channel", format!("`{channel}` does not exist")));
    }
    let ids: Vec<VariantId> = variants.iter().map(|name| VariantId::parse(name)).collect::<Result<_>>()?;
    let owners = products::of_variants(&catalog.db, &ids).await?;
    let mut wanted: BTreeMap<&ProductId, Vec<&VariantId>> = BTreeMap::new();
    for id in &ids {
        if let Some(product) = owners.get(id.as_str()) {
            wanted.entry(product).or_default().push(id);
        }
    }
    let products: Vec<ProductId> = wanted.keys().map(|id| (*id).clone()).collect();
    let mut quotes = HashMap::with_capacity(ids.len());
    for chunk in products.chunks(PRODUCTS_AT_ONCE) {
        for product in products::by_ids(&catalog.db, chunk).await? {
            let asked = wanted.get(&product.id).into_iter().flatten();
            quotes.extend(asked.filter_map(|id| Some((id.as_str(), quote(&product, id, &channel)?))));
        }
    }
    let mut answer = QuoteVariantsResponse::default();
    for id in &ids {
        // A variant asked for twice is answered twice.
        match quotes.get(id.as_str()) {
            Some(quote) => answer.quotes.push(quote.clone()),
            None => answer.unavailable.push(id.name()),
        }
    }
    Ok(answer)
}

/// `None` when the variant is not for sale in the channel.
fn quote(product: &Product, id: &VariantId, channel: &str) -> Option<VariantQuote> {
    if product.state != ProductState::Active {
        return None;
    }
    let variant = product.content.variants.iter().find(|variant| variant.id == *id)?;
    let price = variant.price_in(channel)?;
    Some(translate::quote(product, variant, price))
}
