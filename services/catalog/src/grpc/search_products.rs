//! SearchProducts.

use std::{collections::HashMap, sync::Arc};

use prost::Message;
use shopmesh_kit::{
    error::{Error, Result},
    money::{Currency, Money},
    page::{self, PageToken},
};
use shopmesh_proto::catalog::v1::{
    Facet, FacetValue, SearchHit, SearchProductsRequest, SearchProductsResponse,
};
use tonic::Request;

use super::{Catalog, translate};
use crate::{
    domain::{
        channel::DEFAULT_CHANNEL,
        ids::{CategoryId, ProductId},
    },
    search::{Criteria, FacetCounts, FacetField, Hit, Offer},
    store::{
        categories, channels,
        products::{self, PRODUCTS_AT_ONCE},
    },
};

const DEFAULT_PAGE: usize = 20;
const MAX_PAGE: usize = 100;

/// Nobody reads further; ranking more would only cost.
const MAX_HITS: usize = 10_000;

pub async fn answer(
    catalog: &Catalog,
    request: Request<SearchProductsRequest>,
) -> Result<SearchProductsResponse> {
    let request = request.into_inner();
    let size = page::clamp(request.page_size, DEFAULT_PAGE, MAX_PAGE);
    let token = request.page_token.clone();
    let criteria = criteria(request)?;
    if channels::find(&catalog.db, &criteria.channel).await?.is_none() {
        return Err(Error::invalid("channel", format!("`{}` does not exist", criteria.channel)));
    }
    let query = format!("SearchProducts {criteria:?}");
    let offset = offset(&token, &query)?;
    let (index, asked) = (Arc::clone(&catalog.index), criteria.clone());
    // Searching is a few milliseconds of work on mapped files: not for the threads that serve connections.
    let mut found = tokio::task::spawn_blocking(move || index.search(&asked, offset, size))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    within_prices(catalog, &mut found.hits, &criteria).await?;
    let mut hits = found.hits.into_iter().map(hit).collect::<Result<Vec<_>>>()?;
    hits.truncate(page::fitting(hits.iter().map(Message::encoded_len)));
    let shown = offset + hits.len();
    let more =
        u64::try_from(shown).is_ok_and(|shown| shown < found.total) && shown < MAX_HITS && !hits.is_empty();
    Ok(SearchProductsResponse {
        hits,
        facets: facets(catalog, found.facets).await?,
        total_size: i64::try_from(found.total).unwrap_or(i64::MAX),
        next_page_token: if more { PageToken::encode(&query, &shown.to_string()) } else { String::new() },
    })
}

fn criteria(request: SearchProductsRequest) -> Result<Criteria> {
    let order = translate::order(request.order_by());
    if request.max_price_minor != 0 && request.max_price_minor < request.min_price_minor {
        return Err(Error::invalid("max_price_minor", "is less than `min_price_minor`; swap them"));
    }
    let category = match request.category.as_str() {
        "" => None,
        name => Some(CategoryId::parse_field("category", name)?.as_str().to_owned()),
    };
    Ok(Criteria {
        words: request.query,
        channel: if request.channel.is_empty() { DEFAULT_CHANNEL.to_owned() } else { request.channel },
        category,
        brands: request.brands,
        product_types: request.product_types,
        min_price: request.min_price_minor,
        max_price: request.max_price_minor,
        order,
    })
}

fn offset(token: &str, query: &str) -> Result<usize> {
    let Some(cursor) = PageToken::decode(token, query)? else { return Ok(0) };
    let offset = cursor.parse().ok().filter(|offset| *offset <= MAX_HITS);
    offset.ok_or_else(|| Error::invalid("page_token", "is not one this search gave out; start without one"))
}

/// Shows the cheapest variant within the prices asked for, where that is another than the cheapest of all, which the
/// index knows.
async fn within_prices(catalog: &Catalog, hits: &mut [Hit], criteria: &Criteria) -> Result<()> {
    let unwanted =
        |hit: &&mut Hit| hit.offer.as_ref().is_some_and(|offer| !criteria.takes_price(offer.minor));
    let mut hits: Vec<&mut Hit> = hits.iter_mut().filter(unwanted).collect();
    for chunk in hits.chunks_mut(PRODUCTS_AT_ONCE) {
        let ids = chunk.iter().map(|hit| ProductId::parse(&hit.product)).collect::<Result<Vec<_>>>()?;
        let products = products::by_ids(&catalog.db, &ids).await?;
        for (hit, id) in chunk.iter_mut().zip(ids) {
            let product = products.iter().find(|product| product.id == id);
            // The product may have changed since it was indexed.
            let wanted = product.and_then(|product| {
                product.content.cheapest_in(&criteria.channel, |minor| criteria.takes_price(minor))
            });
            if let Some((variant, price)) = wanted {
                hit.offer = Some(Offer {
                    variant: variant.id.name(),
                    minor: price.minor,
                    currency: price.currency.to_string(),
                    package_size: variant.package_size.clone(),
                });
            }
        }
    }
    Ok(())
}

fn hit(hit: Hit) -> Result<SearchHit> {
    let mut shown = SearchHit {
        product: hit.product,
        title: hit.title,
        brand: hit.brand,
        product_type: hit.product_type,
        category: hit.category,
        ..SearchHit::default()
    };
    if let Some(offer) = hit.offer {
        let price = Money { minor: offer.minor, currency: Currency::parse(&offer.currency)? };
        shown.price = Some(price.to_proto());
        shown.variant = offer.variant;
        shown.package_size = offer.package_size;
    }
    Ok(shown)
}

/// Facets as shown: categories by resource name, labelled with their titles.
async fn facets(catalog: &Catalog, counts: [FacetCounts; 3]) -> Result<Vec<Facet>> {
    let mut facets = Vec::with_capacity(counts.len());
    for (field, counts) in FacetField::ALL.into_iter().zip(counts) {
        let counts = counts.top();
        let titles = match field {
            FacetField::Category => {
                categories::titles(&catalog.db, counts.iter().map(|(id, _)| id.as_str())).await?
            }
            FacetField::Brand | FacetField::ProductType => HashMap::new(),
        };
        let value = |(value, count): (String, u64)| {
            let (value, label) = match (field, titles.get(&value)) {
                (FacetField::Category, title) => {
                    (format!("categories/{value}"), title.cloned().unwrap_or_else(|| value.clone()))
                }
                _ => (value.clone(), value),
            };
            FacetValue { value, label, count: i64::try_from(count).unwrap_or(i64::MAX) }
        };
        facets.push(Facet {
            field: field.as_str().to_owned(),
            values: counts.into_iter().map(value).collect(),
        });
    }
    Ok(facets)
}
