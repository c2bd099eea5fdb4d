//! Placed orders per second: each order is a cart of three lines and a checkout, by REST through the edge, and is counted
//! once it is PLACED. Every write is durable before it is answered (SQLite, `synchronous=FULL`).

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use shopmesh_tools::{http::Http1, latencies::Latencies};

use crate::{
    process,
    report::{self, Row},
    shop::Shop,
    stats::ms,
};

#[derive(Debug, Args)]
pub struct Options {
    /// Shoppers at once, one step after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,4,16,64")]
    shoppers: Vec<usize>,
    /// Length of a step, seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[derive(Serialize)]
struct Step {
    shoppers: usize,
    orders: usize,
    orders_per_second: f64,
    shop_cpu_ms_per_order: f64,
    load_cpu_ms_per_order: f64,
    p50_ms: f64,
    p99_ms: f64,
    shop_memory_mib: f64,
}

impl Row for Step {
    const COLUMNS: &'static [&'static str] = &[
        "shoppers",
        "orders",
        "orders/s",
        "shop CPU ms/order",
        "load CPU ms/order",
        "p50 ms",
        "p99 ms",
        "shop MiB",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.shoppers.to_string(),
            self.orders.to_string(),
            format!("{:.0}", self.orders_per_second),
            format!("{:.2}", self.shop_cpu_ms_per_order),
            format!("{:.2}", self.load_cpu_ms_per_order),
            format!("{:.1}", self.p50_ms),
            format!("{:.1}", self.p99_ms),
            format!("{:.0}", self.shop_memory_mib),
        ]
    }
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    let shop = Shop::start(true).await?;
    let variants: Arc<[String]> = stocked_variants(shop.edge).await?.into();
    let most = options.shoppers.iter().copied().max().context("no step")?;
    let mut shoppers = Vec::with_capacity(most);
    for number in 0..most {
        shoppers.push(Shopper::sign_up(shop.edge, number, variants.clone()).await?);
    }
    let mut steps = Vec::new();
    for count in options.shoppers {
        let waiting = shoppers.split_off(shoppers.len() - count);
        let (step, back) = measure(&shop, waiting, Duration::from_secs(options.seconds)).await?;
        steps.push(step);
        shoppers.extend(back);
    }
    report::write("checkout", &steps)
}

async fn measure(
    shop: &Shop,
    shoppers: Vec<Shopper>,
    time: Duration,
) -> anyhow::Result<(Step, Vec<Shopper>)> {
    let cpu = || anyhow::Ok((process::cpu(shop.process.pid())?, process::cpu(std::process::id())?));
    let (before, started, count) = (cpu()?, Instant::now(), shoppers.len());
    let tasks: Vec<_> =
        shoppers.into_iter().map(|shopper| tokio::spawn(shopper.buy_until(started + time))).collect();
    let (mut latencies, mut back) = (Latencies::default(), Vec::with_capacity(count));
    for task in tasks {
        let (shopper, times) = task.await??;
        latencies.merge(times);
        back.push(shopper);
    }
    let (took, after, orders) = (started.elapsed(), cpu()?, latencies.count());
    if orders == 0 {
        bail!("not one order was placed");
    }
    #[allow(clippy::cast_precision_loss)] // Far below 2^52.
    let count_of_orders = orders as f64;
    let per_order = |spent: Duration| spent.as_secs_f64() * 1000.0 / count_of_orders;
    let step = Step {
        shoppers: count,
        orders,
        orders_per_second: count_of_orders / took.as_secs_f64(),
        shop_cpu_ms_per_order: per_order(after.0.saturating_sub(before.0)),
        load_cpu_ms_per_order: per_order(after.1.saturating_sub(before.1)),
        p50_ms: ms(latencies.percentile(50)),
        p99_ms: ms(latencies.percentile(99)),
        shop_memory_mib: process::memory(shop.process.pid())?.0,
    };
    Ok((step, back))
}

/// Twenty variants of the demo catalog with more stock than anybody can buy.
async fn stocked_variants(edge: SocketAddr) -> anyhow::Result<Vec<String>> {
    let mut operator = Http1::connect(edge).await?;
    sign_in(&mut operator, "operator@shopmesh.example", "demo-password").await?;
    let (_, products) = operator.get("/v1/products?pageSize=20").await?;
    let products: Value = serde_json::from_slice(&products)?;
    let products = products["products"].as_array().context("no products")?;
    let variants: Vec<String> = products
        .iter()
        .filter_map(|product| product["variants"][0]["name"].as_str())
        .map(str::to_owned)
        .collect();
    for variant in &variants {
        let receipt = json!({
            "variant": variant, "location": "locations/east", "delta": "100000000",
            "reason": "MOVEMENT_REASON_RECEIVED", "requestId": request_id(),
        });
        operator.post("/v1/stock:adjust", &receipt).await?;
    }
    Ok(variants)
}

async fn sign_in(client: &mut Http1, email: &str, password: &str) -> anyhow::Result<()> {
    let session = client.post("/v1/sessions", &json!({"email": email, "password": password})).await?;
    client.authorize(Some(session["accessToken"].as_str().context("no token")?));
    Ok(())
}

/// Somebody who buys, one order after the other, on a connection of their own.
struct Shopper {
    client: Http1,
    variants: Arc<[String]>,
    next: usize,
}

impl Shopper {
    async fn sign_up(edge: SocketAddr, number: usize, variants: Arc<[String]>) -> anyhow::Result<Self> {
        let mut client = Http1::connect(edge).await?;
        let (email, password) = (format!("shopper{number}@example.com"), "a long password");
        client.post("/v1/users:signUp", &json!({"email": email, "password": password})).await?;
        sign_in(&mut client, &email, password).await?;
        Ok(Self { client, variants, next: number })
    }

    async fn buy_until(mut self, end: Instant) -> anyhow::Result<(Self, Latencies)> {
        let mut times = Latencies::default();
        while Instant::now() < end {
            let started = Instant::now();
            self.buy().await?;
            times.add(started.elapsed());
        }
        Ok((self, times))
    }

    /// Three lines, from cart to PLACED.
    async fn buy(&mut self) -> anyhow::Result<()> {
        let lines: Vec<Value> = (0..3)
            .map(|line| {
                let variant = &self.variants[(self.next + 7 * line) % self.variants.len()];
                json!({"variant": variant, "quantity": 1 + line})
            })
            .collect();
        self.next += 1;
        let cart = self.client.post("/v1/carts", &json!({"requestId": request_id(), "lines": lines})).await?;
        let path = format!("/v1/{}:checkout", cart["name"].as_str().context("no cart")?);
        let address = json!({
            "recipient": "Bench", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US",
        });
        let body =
            json!({"requestId": request_id(), "paymentToken": "tok_approve", "shippingAddress": address});
        let mut checkout = self.client.post(&path, &body).await?;
        while !matches!(checkout["state"].as_str(), Some("CHECKOUT_STATE_PLACED" | "CHECKOUT_STATE_FAILED")) {
            let (_, answer) = self
                .client
                .get(&format!("/v1/{}", checkout["name"].as_str().context("no checkout")?))
                .await?;
            checkout = serde_json::from_slice(&answer)?;
        }
        if checkout["state"] != "CHECKOUT_STATE_PLACED" {
            bail!("a checkout failed: {checkout}");
        }
        Ok(())
    }
}

/// A UUID that this run has not used; runs have shops of their own.
fn request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("00000000-0000-4000-8000-{number:012x}")
}
