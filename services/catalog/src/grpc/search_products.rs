//! SearchProducts: full-text search with facets.

use std::collections::HashMap;

use prost::Message;
use shopmesh_kit::{
    error::{Error, Result},
    page::{self, Page, PageToken, Sizes},
};
use shopmesh_mesh::server::Call;
use shopmesh_proto::catalog::v1 as pb;

use super::channels;
use crate::{
    app::App,
    ids::ProductId,
    search::{Criteria, FacetCounts, FacetField, Hit, Offer},
    store::{
        categories,
        products::{self, PRODUCTS_AT_ONCE},
    },
    translate,
};

const SIZES: Sizes = Sizes { default: 20, largest: 100 };

/// Nobody reads further; ranking more would only cost.
const MAX_HITS: usize = 10_000;

/// One page, cut by offset.
pub async fn answer(
    app: &App,
    _: &Call,
    request: pb::SearchProductsRequest,
) -> Result<pb::SearchProductsResponse> {
    let (page_size, page_token) = (request.page_size, request.page_token.clone());
    let criteria = translate::rpc::criteria(request)?;
    channels::check_exists(app, &criteria.channel).await?;
    let query = format!("search {criteria:?}");
    let page = Page::of(page_size, &page_token, SIZES, query.as_str())?;
    let offset = page.parsed_cursor()?.unwrap_or(0);
    if offset > MAX_HITS {
        return Err(Error::invalid("page_token", "is not one this search gave out; start without one"));
    }
    let (index, asked, size) = (app.index.clone(), criteria.clone(), page.size);
    // Searching is a few milliseconds of work on mapped files: not for the threads that serve connections.
    let mut found = tokio::task::spawn_blocking(move || index.search(&asked, offset, size))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    within_prices(app, &mut found.hits, &criteria).await?;
    let mut hits = found.hits.into_iter().map(translate::rpc::hit).collect::<Result<Vec<_>>>()?;
    hits.truncate(page::fitting(hits.iter().map(Message::encoded_len)));
    let shown = offset + hits.len();
    let more =
        u64::try_from(shown).is_ok_and(|shown| shown < found.total) && shown < MAX_HITS && !hits.is_empty();
    Ok(pb::SearchProductsResponse {
        hits,
        facets: facets(app, found.facets).await?,
        total_size: i64::try_from(found.total).unwrap_or(i64::MAX),
        next_page_token: if more { PageToken::encode(&query, &shown.to_string()) } else { String::new() },
    })
}

/// Shows the cheapest variant within the prices asked for, where that is another than the cheapest of all, which the
/// index knows.
async fn within_prices(app: &App, hits: &mut [Hit], criteria: &Criteria) -> Result<()> {
    let unwanted =
        |hit: &&mut Hit| hit.offer.as_ref().is_some_and(|offer| !criteria.takes_price(offer.minor));
    let mut hits: Vec<&mut Hit> = hits.iter_mut().filter(unwanted).collect();
    for chunk in hits.chunks_mut(PRODUCTS_AT_ONCE) {
        let ids = chunk.iter().map(|hit| ProductId::parse(&hit.product)).collect::<Result<Vec<_>>>()?;
        let products = products::by_ids(&app.db, &ids).await?;
        for (hit, id) in chunk.iter_mut().zip(ids) {
            let product = products.iter().find(|product| product.id == id);
            // The product may have changed since it was indexed.
            let wanted = product.and_then(|product| {
                product.content.cheapest_in(&criteria.channel, |minor| criteria.takes_price(minor))
            });
            if let Some((variant, price)) = wanted {
                hit.offer = Some(Offer::of(variant, price));
            }
        }
    }
    Ok(())
}

/// Facets as shown: categories with their titles.
async fn facets(app: &App, counts: [FacetCounts; 3]) -> Result<Vec<pb::Facet>> {
    let mut facets = Vec::with_capacity(counts.len());
    for (field, counts) in FacetField::ALL.into_iter().zip(counts) {
        let counts = counts.top();
        let titles = match field {
            FacetField::Category => {
                let ids: Vec<&str> = counts.iter().map(|(id, _)| id.as_str()).collect();
                categories::titles(&app.db, &ids).await?
            }
            FacetField::Brand | FacetField::ProductType => HashMap::new(),
        };
        facets.push(translate::rpc::facet(field, counts, &titles));
    }
    Ok(facets)
}
