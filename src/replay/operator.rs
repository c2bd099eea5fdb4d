//! The operator's side: ships orders, and reads what the shop has written down, over mTLS as `shopmesh import` does.

use super::edge::{PATIENCE, PAUSE};
use crate::{cli::ShopArgs, operator};
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
use std::{
    future::Future,
    time::{Duration, Instant},
};
use tonic::{Code, Response, Status};

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

/// Reads every page of a list.
macro_rules! pages {
    ($what:literal, $client:expr, $method:ident, $request:ident, $size:expr, $rows:ident) => {{
        let (mut rows, mut page_token) = (Vec::new(), String::new());
        loop {
            let request =
                $request { page_size: $size, page_token: page_token.clone(), ..$request::default() };
            let page = patiently($what, || {
                let (mut client, request) = ($client.clone(), request.clone());
                async move { client.$method(request).await }
            });
            let page = page.await?;
            rows.extend(page.$rows);
            if page.next_page_token.is_empty() {
                break Ok(rows);
            }
            page_token = page.next_page_token;
        }
    }};
}

impl Operator {
    /// Connects, and asks once, so that a shop that does not run is told before anything is read.
    ///
    /// # Errors
    /// When the shop was never started, or does not run now.
    pub async fn connect(shop: &ShopArgs) -> anyhow::Result<Self> {
        let client = operator::client(&shop.data, shop.port_offset)?;
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
        let request = ListOrdersRequest { page_size: 1, ..ListOrdersRequest::default() };
        let asked = this.orders.clone().list_orders(request).await;
        asked.with_context(|| operator::not_running(ServiceName::Orders, shop.port_offset))?;
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

    pub async fn products(&self) -> anyhow::Result<Vec<Product>> {
        pages!("listing products", self.products, list_products, ListProductsRequest, PAGE, products)
    }

    /// Stock by variant and location.
    pub async fn stock(&self) -> anyhow::Result<Vec<Stock>> {
        pages!("listing stock", self.stock, list_stock, ListStockRequest, PAGE, stock)
    }

    pub async fn verify_stock(&self) -> anyhow::Result<VerifyStockResponse> {
        patiently("verifying the stock", || {
            let mut client = self.stock.clone();
            async move { client.verify_stock(VerifyStockRequest {}).await }
        })
        .await
    }

    pub async fn orders(&self) -> anyhow::Result<Vec<Order>> {
        pages!("listing orders", self.orders, list_orders, ListOrdersRequest, PAGE_OF_ORDERS, orders)
    }

    pub async fn payments(&self) -> anyhow::Result<Vec<Payment>> {
        pages!("listing payments", self.payments, list_payments, ListPaymentsRequest, PAGE, payments)
    }

    pub async fn ledger(&self) -> anyhow::Result<Vec<LedgerTransaction>> {
        pages!(
            "listing the ledger",
            self.ledger,
            list_ledger_transactions,
            ListLedgerTransactionsRequest,
            PAGE,
            transactions
        )
    }

    pub async fn trial_balance(&self) -> anyhow::Result<TrialBalanceResponse> {
        patiently("the trial balance", || {
            let mut client = self.ledger.clone();
            async move { client.trial_balance(TrialBalanceRequest {}).await }
        })
        .await
    }

    pub async fn deliveries(&self) -> anyhow::Result<Vec<Delivery>> {
        pages!(
            "listing deliveries",
            self.notifications,
            list_deliveries,
            ListDeliveriesRequest,
            PAGE,
            deliveries
        )
    }
}

/// Asks again while the shop is away. Everything that is asked for here may be repeated.
async fn patiently<T, F>(what: &'static str, ask: impl Fn() -> F) -> anyhow::Result<T>
where
    F: Future<Output = Result<Response<T>, Status>>,
{
    let mut waited = Duration::ZERO;
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if is_passing(status.code()) && waited < PATIENCE => {
                tracing::debug!(what, %status, "the shop does not answer; asking again");
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(status) => return Err(status).context(what),
        }
    }
}

fn is_passing(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Aborted)
}
