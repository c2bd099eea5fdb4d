//! The operator's side: ships orders, and reads what the shop has written down, over mTLS as `shopmesh import` does.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use shopmesh_mesh::{ServiceName, client::MeshChannel};
use shopmesh_proto::{
    catalog::v1::{ListProductsRequest, Product, product_service_client::ProductServiceClient},
    inventory::v1::{
        ListStockRequest, Stock, VerifyStockRequest, VerifyStockResponse,
        inventory_service_client::InventoryServiceClient,
    },
    notifications::v1::{
        Delivery, ListDeliveriesRequest, notification_service_client::NotificationServiceClient,
    },
    orders::v1::{
        CreateShipmentRequest, FulfillmentState, GetOrderRequest, ListOrdersRequest, Order,
        fulfillment_service_client::FulfillmentServiceClient, order_service_client::OrderServiceClient,
    },
    payments::v1::{
        LedgerTransaction, ListLedgerTransactionsRequest, ListPaymentsRequest, Payment, TrialBalanceRequest,
        TrialBalanceResponse, ledger_service_client::LedgerServiceClient,
        payment_service_client::PaymentServiceClient,
    },
};
use tonic::{Code, Response, Status};

use super::patience::{PAUSE, Patience};
use crate::ShopArgs;

/// How long a shipment may take. Its steps are repeated until they are done.
const LONGEST_SHIPMENT: Duration = Duration::from_secs(5 * 60);
/// Rows in a page; orders bring their lines along.
const PAGE: i32 = 1000;
const PAGE_OF_ORDERS: i32 = 200;

/// Clients with the operator certificate. Every call outlives the shop as a shopper's does.
#[derive(Clone)]
pub struct Operator {
    products: ProductServiceClient<MeshChannel>,
    stock: InventoryServiceClient<MeshChannel>,
    orders: OrderServiceClient<MeshChannel>,
    fulfillment: FulfillmentServiceClient<MeshChannel>,
    payments: PaymentServiceClient<MeshChannel>,
    ledger: LedgerServiceClient<MeshChannel>,
    notifications: NotificationServiceClient<MeshChannel>,
}

impl Operator {
    /// Connects, and asks once, so that a shop that does not run is told before anything is read.
    ///
    /// # Errors
    /// When the shop was never started, or does not run now.
    pub async fn connect(shop: &ShopArgs) -> anyhow::Result<Self> {
        let client = shop.operator()?;
        let inventory = client.channel(ServiceName::Inventory);
        let (orders, payments) = (client.channel(ServiceName::Orders), client.channel(ServiceName::Payments));
        let this = Self {
            products: ProductServiceClient::new(client.channel(ServiceName::Catalog)),
            stock: InventoryServiceClient::new(inventory),
            orders: OrderServiceClient::new(orders.clone()),
            fulfillment: FulfillmentServiceClient::new(orders),
            payments: PaymentServiceClient::new(payments.clone()),
            ledger: LedgerServiceClient::new(payments),
            notifications: NotificationServiceClient::new(client.channel(ServiceName::Notifications)),
        };
        let request = ListOrdersRequest { page_size: 1, page_token: String::new() };
        let asked = this.orders.clone().list_orders(request).await;
        asked.with_context(|| shop.not_running(ServiceName::Orders))?;
        Ok(this)
    }

    /// Ships an order, and waits until it left.
    ///
    /// # Errors
    /// When the shop refuses, and when it does not come to an end.
    pub async fn ship(&self, order: &str, request_id: &str) -> anyhow::Result<()> {
        let request = CreateShipmentRequest {
            order: order.to_owned(),
            tracking: "by van".to_owned(),
            request_id: request_id.to_owned(),
        };
        let mut shipped = patiently("shipping", || {
            let (mut client, request) = (self.fulfillment.clone(), request.clone());
            async move { client.create_shipment(request).await }
        })
        .await?;
        let started = Instant::now();
        while shipped.fulfillment_state() != FulfillmentState::Shipped {
            if started.elapsed() > LONGEST_SHIPMENT {
                bail!("{order} is not shipped after {} s", LONGEST_SHIPMENT.as_secs());
            }
            tokio::time::sleep(PAUSE).await;
            shipped = patiently("reading an order", || {
                let (mut client, request) = (self.orders.clone(), GetOrderRequest { name: order.to_owned() });
                async move { client.get_order(request).await }
            })
            .await?;
        }
        Ok(())
    }

    /// Every product of every channel.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn products(&self) -> anyhow::Result<Vec<Product>> {
        let ask = |page_token| {
            let mut client = self.products.clone();
            let request = ListProductsRequest { page_size: PAGE, page_token, ..Default::default() };
            async move { client.list_products(request).await }
        };
        pages("listing products", ask, |page| (page.products, page.next_page_token)).await
    }

    /// Stock by variant and location.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn stock(&self) -> anyhow::Result<Vec<Stock>> {
        let ask = |page_token| {
            let mut client = self.stock.clone();
            let request = ListStockRequest { page_size: PAGE, page_token, ..Default::default() };
            async move { client.list_stock(request).await }
        };
        pages("listing stock", ask, |page| (page.stock, page.next_page_token)).await
    }

    /// What the shop finds when it recomputes its stock.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn verify_stock(&self) -> anyhow::Result<VerifyStockResponse> {
        patiently("verifying the stock", || {
            let mut client = self.stock.clone();
            async move { client.verify_stock(VerifyStockRequest {}).await }
        })
        .await
    }

    /// The orders of everybody.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn orders(&self) -> anyhow::Result<Vec<Order>> {
        let ask = |page_token| {
            let mut client = self.orders.clone();
            let request = ListOrdersRequest { page_size: PAGE_OF_ORDERS, page_token };
            async move { client.list_orders(request).await }
        };
        pages("listing orders", ask, |page| (page.orders, page.next_page_token)).await
    }

    /// The payments of everybody.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn payments(&self) -> anyhow::Result<Vec<Payment>> {
        let ask = |page_token| {
            let mut client = self.payments.clone();
            let request = ListPaymentsRequest { page_size: PAGE, page_token };
            async move { client.list_payments(request).await }
        };
        pages("listing payments", ask, |page| (page.payments, page.next_page_token)).await
    }

    /// Every transaction of the ledger.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn ledger(&self) -> anyhow::Result<Vec<LedgerTransaction>> {
        let ask = |page_token| {
            let mut client = self.ledger.clone();
            let request = ListLedgerTransactionsRequest { page_size: PAGE, page_token };
            async move { client.list_ledger_transactions(request).await }
        };
        pages("listing the ledger", ask, |page| (page.transactions, page.next_page_token)).await
    }

    /// What each account of the ledger comes to.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn trial_balance(&self) -> anyhow::Result<TrialBalanceResponse> {
        patiently("the trial balance", || {
            let mut client = self.ledger.clone();
            async move { client.trial_balance(TrialBalanceRequest {}).await }
        })
        .await
    }

    /// The messages to everybody.
    ///
    /// # Errors
    /// When the shop stays away or refuses.
    pub async fn deliveries(&self) -> anyhow::Result<Vec<Delivery>> {
        let ask = |page_token| {
            let mut client = self.notifications.clone();
            let request = ListDeliveriesRequest { page_size: PAGE, page_token, ..Default::default() };
            async move { client.list_deliveries(request).await }
        };
        pages("listing deliveries", ask, |page| (page.deliveries, page.next_page_token)).await
    }
}

/// Reads every page of a list. `split` takes a page apart into its rows and the token of the next one.
async fn pages<P, T, F>(
    what: &'static str,
    ask: impl Fn(String) -> F,
    split: impl Fn(P) -> (Vec<T>, String),
) -> anyhow::Result<Vec<T>>
where
    F: Future<Output = Result<Response<P>, Status>>,
{
    let (mut rows, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = patiently(what, || ask(page_token.clone())).await?;
        let (more, next_page_token) = split(page);
        rows.extend(more);
        if next_page_token.is_empty() {
            return Ok(rows);
        }
        page_token = next_page_token;
    }
}

/// Asks again while the shop is away. Everything that is asked for here may be repeated.
async fn patiently<T, F>(what: &'static str, ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let patience = Patience::begin();
    loop {
        let asked = tokio::time::timeout(patience.left(), ask()).await;
        let status = match asked.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer came"))) {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => status,
        };
        if !is_passing(status.code()) || !patience.pause().await {
            return Err(status).context(what);
        }
        tracing::debug!(what, %status, "the shop did not answer; asking again");
    }
}

fn is_passing(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Aborted)
}
