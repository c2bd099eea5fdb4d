//! A shop with everybody in it: two shoppers, two sellers, operators, every service.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use shopmesh_mesh::{ServiceName, workload::SpiffeId};
use shopmesh_proto::policy::Role;

use super::caller::{Caller, Who};
use crate::support::{Account, Shop, client::request_id};

/// Who there is. The first of two owns what the examples are about.
pub struct World {
    pub shop: Shop,
    pub anonymous: Caller,
    pub shopper: Caller,
    pub other_shopper: Caller,
    pub seller: Caller,
    pub other_seller: Caller,
    pub operator: Caller,
    pub operator_certificate: Caller,
    pub services: Vec<Caller>,
    next: AtomicU32,
}

/// `sellers/...` of the first seller.
pub const SELLER: &str = "sellers/sal";

impl World {
    pub async fn open() -> Self {
        Self::of(Shop::start())
    }

    /// Brings everybody into this shop.
    pub fn of(shop: Shop) -> Self {
        let operator = shop.operator();
        let shopper = Account::shopper(&shop, "ada@example.com");
        let other_shopper = Account::shopper(&shop, "eve@example.com");
        let seller = staff(&shop, &operator, "sal@example.com", SELLER);
        let other_seller = staff(&shop, &operator, "una@example.com", "sellers/una");
        let user = |name: &str, account: &Account| {
            let who = Who::User(account.name.clone(), bindings(account));
            Caller::new(&shop, name, SpiffeId::edge("main"), who, Some(account.token.clone()))
        };
        Self {
            anonymous: Caller::new(&shop, "anonymous", SpiffeId::edge("main"), Who::Anonymous, None),
            shopper: user("shopper", &shopper),
            other_shopper: user("another shopper", &other_shopper),
            seller: user("seller", &seller),
            other_seller: user("another seller", &other_seller),
            operator: user("operator", &operator),
            operator_certificate: Caller::new(
                &shop,
                "operator's certificate",
                SpiffeId::operator("cli"),
                Who::OperatorCertificate,
                None,
            ),
            services: ServiceName::ALL
                .map(|service| {
                    let (name, peer) = (format!("service {service}"), SpiffeId::service(service));
                    Caller::new(&shop, &name, peer, Who::Service(service), None)
                })
                .into(),
            shop,
            next: AtomicU32::new(1),
        }
    }

    /// Everybody.
    pub fn callers(&self) -> impl Iterator<Item = &Caller> {
        let people = [
            &self.anonymous,
            &self.shopper,
            &self.other_shopper,
            &self.seller,
            &self.other_seller,
            &self.operator,
            &self.operator_certificate,
        ];
        people.into_iter().chain(&self.services)
    }

    pub fn service(&self, name: ServiceName) -> &Caller {
        self.services.iter().find(|caller| caller.who == Who::Service(name)).unwrap()
    }

    /// A number that no other example has.
    pub fn unique(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// An id that the shop might have made.
    pub fn id(&self, kind: &str) -> String {
        format!("{kind}_{:026}", self.unique())
    }

    /// A product of the first seller, for sale, with 100 units in stock.
    pub async fn product(&self) -> Value {
        let draft = self.draft().await;
        let product =
            self.seller.ok("catalog.v1.ProductService/PublishProduct", json!({"name": draft["name"]})).await;
        let receipt = json!({
            "variant": product["variants"][0]["name"], "location": "locations/east", "seller": SELLER, "delta": "100",
            "reason": "MOVEMENT_REASON_RECEIVED", "requestId": request_id(),
        });
        self.seller.ok("inventory.v1.InventoryService/AdjustStock", receipt).await;
        product
    }

    /// A product that is not for sale yet.
    pub async fn draft(&self) -> Value {
        let product = json!({"product": product(self.unique())});
        self.seller.ok("catalog.v1.ProductService/CreateProduct", product).await
    }

    /// `variants/...` of a product for sale.
    pub async fn variant(&self) -> Value {
        self.product().await["variants"][0]["name"].clone()
    }

    /// A cart of the shopper with one line.
    pub async fn cart(&self) -> Value {
        let lines = json!([{"variant": self.variant().await, "quantity": "1"}]);
        let cart = json!({"lines": lines, "requestId": request_id()});
        self.shopper.ok("orders.v1.CartService/CreateCart", cart).await
    }

    /// A settled checkout of the shopper.
    pub async fn checkout(&self) -> Value {
        let checkout = checkout(&self.cart().await["name"]);
        let checkout = self.shopper.ok("orders.v1.CheckoutService/StartCheckout", checkout).await;
        assert_eq!(checkout["state"], "CHECKOUT_STATE_PLACED", "{checkout}");
        checkout
    }

    /// An order of the shopper, not shipped yet.
    pub async fn order(&self) -> Value {
        let name = json!({"name": self.checkout().await["order"]});
        self.shopper.ok("orders.v1.OrderService/GetOrder", name).await
    }

    /// A captured payment of the shopper.
    pub async fn payment(&self) -> Value {
        let order = self.order().await;
        let shipment = json!({"order": order["name"], "requestId": request_id()});
        self.operator.ok("orders.v1.FulfillmentService/CreateShipment", shipment).await;
        self.operator.ok("payments.v1.PaymentService/GetPayment", json!({"name": order["payment"]})).await
    }
}

/// The message of a product.
pub fn product(number: u32) -> Value {
    let price = json!({"channel": "channels/default", "amount": {"currencyCode": "USD", "units": "5"}});
    json!({
        "title": format!("Example {number}"), "code": format!("example-{number}"), "seller": SELLER,
        "variants": [{"sku": format!("EXAMPLE-{number}"), "prices": [price]}],
    })
}

/// A StartCheckout of a cart.
pub fn checkout(cart: &Value) -> Value {
    let address = json!({"recipient": "Ada", "lines": ["1 Harbour Street"], "locality": "Portland", "regionCode": "US"});
    json!({"cart": cart, "paymentToken": "tok_approve", "shippingAddress": address, "requestId": request_id()})
}

/// Staff of a seller.
fn staff(shop: &Shop, operator: &Account, email: &str, seller: &str) -> Account {
    let account = Account::shopper(shop, email);
    let grant = json!({"binding": {"role": "ROLE_SELLER", "scope": seller}});
    operator.post(&format!("/v1/{}:grantRole", account.name), &grant).ok();
    // What a token says is fixed when it is made.
    Account::sign_in(shop, email, "a long password")
}

fn bindings(account: &Account) -> Vec<(Role, String)> {
    let user = account.get("/v1/users/me").ok();
    let bindings = user["roleBindings"].as_array().unwrap().iter();
    bindings
        .map(|binding| {
            let role = binding["role"].as_str().unwrap().trim_start_matches("ROLE_").to_lowercase();
            (Role::parse(&role).unwrap(), binding["scope"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}
