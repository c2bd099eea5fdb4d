//! A REST client and accounts.

use std::{fs, time::Duration};

use serde_json::{Value, json};
use ureq::Agent;

use super::{Shop, eventually};

/// An answer of the edge.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// The body of a success; anything else fails the test.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Asserts a refusal by HTTP status and gRPC code.
    pub fn refused(self, status: u16, code: i64) -> Value {
        assert_eq!((self.status, self.body["code"].as_i64()), (status, Some(code)), "{}", self.body);
        self.body
    }
}

fn agent() -> Agent {
    let config =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    config.build().into()
}

/// Sends a request; connection failures are an error.
pub fn send(
    method: &str,
    url: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> Result<Answer, ureq::Error> {
    let mut request =
        ureq::http::Request::builder().method(method).uri(url).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut response = agent().run(request.body(body).unwrap())?;
    let text = response.body_mut().read_to_string()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer { status: response.status().as_u16(), body })
}

/// A UUID that no other run has.
pub fn request_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap().trim().to_owned()
}

/// A person with a token.
#[derive(Debug, Clone)]
pub struct Account {
    url: String,
    pub token: String,
    /// `users/...`.
    pub name: String,
    pub refresh_token: String,
}

impl Account {
    /// Signs a new shopper up and in.
    pub fn shopper(shop: &Shop, email: &str) -> Self {
        let body = json!({"email": email, "password": "a long password", "displayName": "Test Person"});
        send("POST", &format!("{}/v1/users:signUp", shop.url()), None, Some(&body)).unwrap().ok();
        Self::sign_in(shop, email, "a long password")
    }

    /// Signs in.
    pub fn sign_in(shop: &Shop, email: &str, password: &str) -> Self {
        let body = json!({"email": email, "password": password});
        let tokens = send("POST", &format!("{}/v1/sessions", shop.url()), None, Some(&body)).unwrap().ok();
        let text = |field: &str| tokens[field].as_str().unwrap().to_owned();
        Self {
            url: shop.url(),
            token: text("accessToken"),
            name: text("user"),
            refresh_token: text("refreshToken"),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    /// The items of every page of a list.
    pub fn list(&self, path: &str, items: &str) -> Vec<Value> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}?pageSize=1000&pageToken={token}")).ok();
            all.extend(page[items].as_array().unwrap().iter().cloned());
            token = page["nextPageToken"].as_str().unwrap().to_owned();
            if token.is_empty() {
                return all;
            }
        }
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body))
    }

    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, path, body).unwrap()
    }

    pub fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, ureq::Error> {
        send(method, &format!("{}{path}", self.url), Some(&self.token), body)
    }

    /// A cart with one line.
    pub fn cart(&self, variant: &str, quantity: i64) -> Value {
        let lines = json!([{"variant": variant, "quantity": quantity}]);
        self.post("/v1/carts", &json!({"requestId": request_id(), "lines": lines})).ok()
    }

    /// Starts a checkout.
    pub fn checkout(&self, cart: &Value, payment_token: &str) -> Answer {
        self.post(&checkout_path(cart), &checkout_body(payment_token, &request_id()))
    }

    /// Buys one; the order.
    pub fn buys(&self, variant: &str) -> Value {
        let checkout = self.checkout(&self.cart(variant, 1), "tok_approve").ok();
        let checkout = self.settled(checkout["name"].as_str().unwrap());
        self.get(&format!("/v1/{}", checkout["order"].as_str().unwrap_or_else(|| panic!("{checkout}")))).ok()
    }

    /// Waits until a checkout is settled.
    pub fn settled(&self, checkout: &str) -> Value {
        eventually("the checkout is settled", || {
            let checkout = self.get(&format!("/v1/{checkout}")).ok();
            let state = checkout["state"].as_str().unwrap();
            matches!(state, "CHECKOUT_STATE_PLACED" | "CHECKOUT_STATE_FAILED").then(|| checkout.clone())
        })
    }
}

/// The REST path of StartCheckout.
pub fn checkout_path(cart: &Value) -> String {
    format!("/v1/{}:checkout", cart["name"].as_str().unwrap())
}

/// A good StartCheckout.
pub fn checkout_body(payment_token: &str, request_id: &str) -> Value {
    let address = json!({
        "recipient": "Test Person", "lines": ["1 Harbour Street"], "locality": "Portland",
        "administrativeArea": "OR", "postalCode": "97201", "regionCode": "US",
    });
    json!({"requestId": request_id, "paymentToken": payment_token, "shippingAddress": address})
}

/// The first variant that a search finds.
pub fn find_variant(shop: &Shop, query: &str) -> String {
    let url = format!("{}/v1/products:search?query={query}", shop.url());
    eventually("the search finds the product", || {
        let found = send("GET", &url, None, None).unwrap().ok();
        found["hits"][0]["variant"].as_str().map(str::to_owned)
    })
}

/// Publishes a product with this many units and returns its variant.
pub fn stock_product(operator: &Account, code: &str, units: i64) -> String {
    let price = json!({"channel": "channels/default", "amount": {"currencyCode": "USD", "units": "5"}});
    let product =
        json!({"title": code, "code": code, "variants": [{"sku": code.to_uppercase(), "prices": [price]}]});
    let product = operator.post("/v1/products", &product).ok();
    let name = product["name"].as_str().unwrap();
    operator.post(&format!("/v1/{name}:publish"), &json!({})).ok();
    let variant = product["variants"][0]["name"].as_str().unwrap().to_owned();
    let receipt = json!({
        "variant": variant, "location": "locations/east", "delta": units.to_string(),
        "reason": "MOVEMENT_REASON_RECEIVED", "requestId": request_id(),
    });
    operator.post("/v1/stock:adjust", &receipt).ok();
    variant
}
