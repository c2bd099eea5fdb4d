//! QuoteVariants: what variants cost in a channel now.

use std::collections::{BTreeSet, HashMap};

use shopmesh_kit::error::{Error, Result};
use shopmesh_proto::catalog::v1::{QuoteVariantsRequest, QuoteVariantsResponse, VariantQuote};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        ids::{ProductId, VariantId},
        product::{Product, ProductState},
    },
    store::{channels, products},
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
    let wanted: BTreeSet<&ProductId> = owners.values().collect();
    let wanted: Vec<ProductId> = wanted.into_iter().cloned().collect();
    let found = products::by_ids(&catalog.db, &wanted).await?;
    let found: HashMap<&ProductId, &Product> = found.iter().map(|product| (&product.id, product)).collect();
    let mut answer = QuoteVariantsResponse::default();
    for id in &ids {
        let product = owners.get(id.as_str()).and_then(|owner| found.get(owner));
        match product.and_then(|product| quote(product, id, &channel)) {
            Some(quote) => answer.quotes.push(quote),
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
