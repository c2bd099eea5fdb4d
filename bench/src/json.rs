//! JSON to protobuf and back, without a shop: what the edge's transcoder does to a body. Always the same work, so that
//! instructions can be counted: `valgrind --tool=callgrind shopmesh-bench json --only "print list" --iterations 100`.

use std::{hint::black_box, time::Instant};

use anyhow::Context;
use clap::Args;
use prost::Message;
use serde::Serialize;
use serde_json::{Value, json};
use shopmesh_json::{ParseOptions, PrintOptions};
use shopmesh_proto::catalog::v1::{ListProductsResponse, Product};

use crate::report::{self, Row};

#[derive(Debug, Args)]
pub struct Options {
    /// How often each is done; the fastest tenth counts.
    #[arg(long, default_value_t = 20_000)]
    iterations: u32,
    /// Only the cases whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(Serialize)]
struct Figures {
    case: &'static str,
    json_bytes: usize,
    wire_bytes: usize,
    ns: f64,
    mb_per_s: f64,
}

impl Row for Figures {
    const COLUMNS: &'static [&'static str] = &["case", "JSON bytes", "wire bytes", "ns", "MB/s of JSON"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.case.to_owned(),
            self.json_bytes.to_string(),
            self.wire_bytes.to_string(),
            format!("{:.0}", self.ns),
            format!("{:.0}", self.mb_per_s),
        ]
    }
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let product = product();
    let list = json!({"products": vec![&product; 7], "nextPageToken": "x".repeat(80)});
    let cases = [
        ("print product", "read product", "Product", &product),
        ("print list", "read list", "ListProductsResponse", &list),
    ];
    let mut rows = Vec::new();
    for (print, read, name, value) in cases {
        for (case, is_print) in [(print, true), (read, false)] {
            if case.contains(&options.only) {
                rows.push(measure(case, is_print, name, value, options.iterations)?);
            }
        }
    }
    report::write("json", &rows)
}

fn measure(
    case: &'static str,
    is_print: bool,
    name: &str,
    value: &Value,
    iterations: u32,
) -> anyhow::Result<Figures> {
    let codec = shopmesh_proto::json_codec();
    let id = codec.message(&format!("shopmesh.catalog.v1.{name}")).context("no such message")?;
    // As the edge's YAML has it.
    let print = PrintOptions { always_print_primitive_fields: true, ..PrintOptions::default() };
    let parse = ParseOptions { ignore_unknown_fields: true, ..ParseOptions::default() };
    let (mut wire, mut json) = (Vec::new(), Vec::new());
    codec.parse(id, value.to_string().as_bytes(), &ParseOptions::default(), &mut wire)?;
    // In the order of field numbers, as services write it.
    wire = if name == "Product" {
        reencoded::<Product>(&wire)?
    } else {
        reencoded::<ListProductsResponse>(&wire)?
    };
    codec.print(id, &wire, &print, &mut json)?;
    let mut fastest = f64::INFINITY;
    let rounds = iterations.clamp(1, 10);
    let each = (iterations / rounds).max(1);
    for _ in 0..rounds {
        let started = Instant::now();
        for _ in 0..each {
            // Each call has a buffer of its own, as each answer has.
            if is_print {
                let mut out = Vec::with_capacity(2 * wire.len() + 64);
                codec.print(id, black_box(&wire), &print, &mut out)?;
                black_box(out);
            } else {
                let mut out = Vec::with_capacity(json.len() + 64);
                codec.parse(id, black_box(&json), &parse, &mut out)?;
                black_box(out);
            }
        }
        fastest = fastest.min(started.elapsed().as_secs_f64() / f64::from(each));
    }
    #[allow(clippy::cast_precision_loss)] // Far below 2^52.
    let mb_per_s = json.len() as f64 / fastest / 1e6;
    Ok(Figures { case, json_bytes: json.len(), wire_bytes: wire.len(), ns: fastest * 1e9, mb_per_s })
}

fn reencoded<M: Message + Default>(wire: &[u8]) -> anyhow::Result<Vec<u8>> {
    Ok(M::decode(wire)?.encode_to_vec())
}

/// About 1.3 KB of JSON, as the demo shop answers it.
fn product() -> Value {
    let variant = |sku: &str| {
        json!({
            "name": "products/prd_01KB7Q8Z5N3VQ4T0X6Y7W8E9RA/variants/var_01KB7Q8Z5N3VQ4T0X6Y7W8E9RB",
            "sku": sku,
            "title": "250 g, whole leaf",
            "packageSize": "250 g",
            "prices": [
                {"channel": "channels/default", "amount": {"currencyCode": "EUR", "units": "12", "nanos": 990_000_000}},
                {"channel": "channels/us", "amount": {"currencyCode": "USD", "units": "14", "nanos": 500_000_000}},
            ],
        })
    };
    json!({
        "name": "products/prd_01KB7Q8Z5N3VQ4T0X6Y7W8E9RA",
        "code": "earl-grey-imperial",
        "title": "Earl Grey Impérial",
        "description": "Black tea with the peel of bergamots from Calabria, \"the perfumed orange\".\nBest at 95 °C for three minutes.",
        "brand": "House of Tea",
        "productType": "tea",
        "category": "categories/cat_01KB7Q8Z5N3VQ4T0X6Y7W8E9RC",
        "seller": "sellers/house",
        "state": "PRODUCT_STATE_ACTIVE",
        "attributes": [{"key": "origin", "text": "Assam, Ceylon"}, {"key": "organic", "flag": true}],
        "variants": [variant("TEA-EG-250"), variant("TEA-EG-500")],
        "etag": "W/\"7f3a9c\"",
        "createTime": "2026-02-03T04:05:06.789Z",
        "updateTime": "2026-11-28T12:34:56.123456Z",
    })
}
