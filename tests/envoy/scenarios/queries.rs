//! Query parameters.

use super::{Facts, Scenario};

/// Of a listing.
const PRODUCTS: &[&str] = &[
    // Numbers.
    "pageSize=1",
    "page_size=1",
    "pageSize=0",
    "pageSize=-1",
    "pageSize=%31",
    "page%53ize=1",
    "pageSize=+1",
    "pageSize=%2B1",
    "pageSize=1.0",
    "pageSize=1e0",
    "pageSize=01",
    "pageSize=0x1",
    "pageSize=1.5",
    "pageSize=many",
    "pageSize=",
    "pageSize",
    "pageSize=%221%22",
    "pageSize=2147483648",
    "pageSize=99999999999999999999",
    "pageSize=null",
    // Twice, in both spellings.
    "pageSize=1&pageSize=2",
    "pageSize=1&page_size=1",
    // Text.
    "pageSize=1&pageToken=",
    "pageToken=nonsense",
    "pageToken=%00",
    "pageToken=%ff",
    "pageToken=%zz",
    "pageToken=%",
    "pageToken=a+b",
    "pageToken=a%20b",
    "pageToken=%F0%9F%8D%B5",
    // Nobody's, empty, odd.
    "nonsense=1",
    "nonsense",
    "=1",
    "&",
    "&&pageSize=1",
    "pageSize=1&",
    "pageSize=1;x=1",
    "pageSize.x=1",
    ".=1",
    "pageSize[]=1",
    "pageSize=1#x",
    "?pageSize=1",
    "nextPageToken=x",
    "PAGESIZE=1",
];

/// Of a search.
const SEARCH: &[&str] = &[
    "query=earl+grey",
    "query=earl%20grey",
    "query=earl%2Bgrey",
    "query=caf%C3%A9",
    "query=caf%E9",
    "query=%22earl%20grey%22",
    "query=",
    "query",
    "query=tea&query=coffee",
    "query=tea&pageSize=1",
    "q=tea",
    "",
    "query=tea&x",
    "query=a=b",
    "query=tea%26x",
];

pub fn scenarios(facts: &Facts) -> Vec<Scenario> {
    let products = PRODUCTS.iter().map(|query| Scenario::get(&format!("/v1/products?{query}")));
    let search = SEARCH.iter().map(|query| Scenario::get(&format!("/v1/products:search?{query}")));
    let mut scenarios: Vec<Scenario> = products.chain(search).collect();
    let variant = &facts.variant;
    for query in [
        format!("variants={variant}"),
        format!("variants={}", variant.replace('/', "%2F")),
        format!("variants={variant}&variants={variant}"),
        format!("variants=%5B%22{variant}%22%5D"),
        format!("variants[0]={variant}"),
    ] {
        let scenario = Scenario::get(&format!("/v1/stock:watch?{query}"));
        scenarios.push(scenario.until(|body| !body.is_empty()));
    }
    // What the path or the body gives is no parameter; messages and lists of them are none.
    scenarios.extend([
        Scenario::get(&format!("/v1/{}?name=products/prd_other", facts.product)),
        Scenario::get(&format!("/v1/{}?name={}", facts.product, facts.product)),
        Scenario::get(&format!("/v1/{}/availability?variant=variants/var_x", facts.variant)),
        Scenario::post("/v1/sessions?email=ada@example.com", r#"{"password": "x"}"#),
        Scenario::post("/v1/products?product.title=x", r#"{"title": "y"}"#).token(&facts.operator),
        Scenario::post("/v1/products?product=x", r#"{"title": "y"}"#).token(&facts.operator),
        Scenario::post("/v1/products?validateOnly=true", r#"{"title": "y"}"#).token(&facts.operator),
    ]);
    for mask in [
        "title",
        "title,description",
        "titleX",
        "title.x",
        "variants.sku",
        "*",
        "",
        "update_mask",
        "title%20x",
        "title&updateMask=description",
    ] {
        let target = format!("/v1/{}?updateMask={mask}", facts.product);
        let scenario = Scenario::new("PATCH", &target).header("content-type", "application/json");
        scenarios.push(scenario.body("{}"));
    }
    scenarios
}
