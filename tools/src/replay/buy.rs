//! Takes one purchase from wherever it is to its end, writing down each step before and after it is taken.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hyper::Method;
use serde_json::{Value, json};

use super::{
    edge::{Edge, Refusal},
    entry::{Entry, Event, Line},
    household::Household,
    journal::Journal,
    money::{cents_of_json, json_of_cents},
    operator::Operator,
    patience::PAUSE,
    purchase::{Purchase, Stage},
};

/// How long a checkout may run. The shop gives an unknown payment up after 15 minutes.
const LONGEST_CHECKOUT: Duration = Duration::from_secs(20 * 60);

/// Who buys and with what.
pub struct Shopper<'a> {
    pub run: u32,
    pub edge: &'a mut Edge,
    pub household: &'a mut Household,
    pub operator: &'a Operator,
    pub journal: &'a Journal,
}

/// How long an undisturbed purchase took.
#[derive(Debug)]
pub struct Times {
    /// From opening the cart to reading the order.
    pub purchase: Duration,
    /// From asking to check out to knowing how that ended.
    pub checkout: Duration,
}

impl Shopper<'_> {
    /// Buys, or goes on buying. Answers how long it took when it went straight from a new cart to an order, by a card
    /// that works at once, with each call sent once.
    ///
    /// # Errors
    /// When the shop stays away, limits the rate, or does what no contract allows.
    pub async fn buy(&mut self, purchase: &mut Purchase) -> anyhow::Result<Option<Times>> {
        let is_whole = purchase.stage == Stage::New && purchase.payment_token() == "tok_approve";
        let (repeated, started) = (self.edge.repeated(), Instant::now());
        let (mut checkout, mut times) = (Duration::ZERO, None);
        while !purchase.is_settled() {
            let step = Instant::now();
            match purchase.stage.clone() {
                Stage::New | Stage::Opening => self.open_cart(purchase).await?,
                Stage::Carted | Stage::CheckingOut => {
                    self.check_out(purchase).await?;
                    checkout = step.elapsed();
                }
                Stage::Refused { reason, variants } => self.refused(purchase, reason, variants).await?,
                Stage::TakingOut { variants } => self.take_out(purchase, variants).await?,
                Stage::Placed => {
                    self.read_order(purchase).await?;
                    if is_whole && purchase.attempt() == 0 && self.edge.repeated() == repeated {
                        times = Some(Times { purchase: started.elapsed(), checkout });
                    }
                }
                Stage::Read | Stage::Shipping => self.ship(purchase).await?,
                Stage::Shipped | Stage::GaveUp { .. } => {}
            }
        }
        Ok(times)
    }

    async fn open_cart(&mut self, purchase: &mut Purchase) -> anyhow::Result<()> {
        let request_id = self.request_id(purchase, 0);
        let lines = purchase.lines.clone();
        let wanted: Vec<Value> = lines
            .iter()
            .map(|Line(variant, units, _)| json!({"variant": variant, "quantity": units.to_string()}))
            .collect();
        let body = json!({"requestId": request_id, "lines": wanted});
        self.note(purchase, Event::CreateCart { household: purchase.household, request_id, lines })?;
        match self.ask(Method::POST, "/v1/carts", &body).await? {
            Ok(cart) => self.note(purchase, Event::CartCreated { cart: text(&cart, "name")? }),
            Err(Refusal { reason, .. }) => self.note(purchase, Event::GaveUp { reason, usable: true }),
        }
    }

    async fn check_out(&mut self, purchase: &mut Purchase) -> anyhow::Result<()> {
        // Cart and order have the steps 0 and 1, so that each attempt has a key of its own.
        let request_id = self.request_id(purchase, 2 + purchase.attempt());
        let payment_token = purchase.payment_token().to_owned();
        let body = json!({
            "requestId": request_id, "paymentToken": payment_token, "expectedTotal": json_of_cents(purchase.cents()),
            "shippingAddress": {
                "recipient": format!("Household {}", purchase.household), "lines": ["1 Harbour Street"],
                "locality": "Portland", "administrativeArea": "OR", "postalCode": "97201", "regionCode": "US",
            },
        });
        self.note(purchase, Event::StartCheckout { request_id, payment_token })?;
        let path = format!("/v1/{}:checkout", purchase.cart);
        let event = match self.ask(Method::POST, &path, &body).await? {
            Ok(checkout) => self.settled(checkout).await?,
            Err(Refusal { reason, subjects, .. }) => Event::Refused { reason, variants: subjects },
        };
        self.note(purchase, event)
    }

    /// Waits until a checkout is PLACED or FAILED.
    async fn settled(&mut self, mut checkout: Value) -> anyhow::Result<Event> {
        let started = Instant::now();
        let path = format!("/v1/{}", text(&checkout, "name")?);
        loop {
            match checkout["state"].as_str() {
                Some("CHECKOUT_STATE_PLACED") => {
                    return Ok(Event::Placed { order: text(&checkout, "order")? });
                }
                Some("CHECKOUT_STATE_FAILED") => {
                    let failure = &checkout["failure"];
                    let reason = match text(failure, "reason")?.as_str() {
                        "OUT_OF_STOCK" => "STOCK".to_owned(),
                        other => other.to_owned(),
                    };
                    let variants = failure["variants"].as_array().into_iter().flatten();
                    let variants =
                        variants.filter_map(|variant| Some(variant.as_str()?.to_owned())).collect();
                    return Ok(Event::Refused { reason, variants });
                }
                _ if started.elapsed() > LONGEST_CHECKOUT => bail!("a checkout does not end: {checkout}"),
                _ => tokio::time::sleep(PAUSE).await,
            }
            checkout = self.read(&path).await?;
        }
    }

    /// What is short is taken out of the cart and the rest bought; who was refused a payment uses a better card. Whoever
    /// can do neither leaves, after a look whether the cart is as before.
    async fn refused(
        &mut self,
        purchase: &mut Purchase,
        reason: String,
        variants: Vec<String>,
    ) -> anyhow::Result<()> {
        let is_left = purchase.lines.iter().any(|Line(variant, ..)| !variants.contains(variant));
        let is_known = purchase.lines.iter().any(|Line(variant, ..)| variants.contains(variant));
        match reason.as_str() {
            "STOCK" if is_left && is_known => self.take_out(purchase, variants).await,
            "PAYMENT_DECLINED" | "PAYMENT_FAILED" if purchase.attempt() == 1 => {
                self.check_out(purchase).await
            }
            _ => {
                let cart = self.read(&format!("/v1/{}", purchase.cart)).await?;
                let usable = cart["state"] == "CART_STATE_ACTIVE" && units(&cart) == Some(purchase.units());
                self.note(purchase, Event::GaveUp { reason, usable })
            }
        }
    }

    async fn take_out(&mut self, purchase: &mut Purchase, variants: Vec<String>) -> anyhow::Result<()> {
        let lines: Vec<Value> =
            variants.iter().map(|variant| json!({"variant": variant, "quantity": "0"})).collect();
        self.note(purchase, Event::TakeOut { variants: variants.clone() })?;
        let path = format!("/v1/{}:setLines", purchase.cart);
        match self.ask(Method::POST, &path, &json!({"lines": lines})).await? {
            Ok(_) => self.note(purchase, Event::TakenOut { variants }),
            Err(Refusal { reason, .. }) => self.note(purchase, Event::GaveUp { reason, usable: false }),
        }
    }

    async fn read_order(&mut self, purchase: &mut Purchase) -> anyhow::Result<()> {
        let name = purchase.order.as_ref().context("no order")?.name.clone();
        let order = self.read(&format!("/v1/{name}")).await?;
        let number = text(&order, "number")?.parse().with_context(|| format!("{name} has no number"))?;
        let total = &order["total"];
        let cents = cents_of_json(total).with_context(|| format!("{name} costs no cents in USD: {total}"))?;
        self.note(purchase, Event::OrderRead { number, cents })
    }

    async fn ship(&mut self, purchase: &mut Purchase) -> anyhow::Result<()> {
        let request_id = self.request_id(purchase, 1);
        let order = purchase.order.as_ref().context("no order")?.name.clone();
        self.note(purchase, Event::Ship { request_id: request_id.clone() })?;
        self.operator.ship(&order, &request_id).await?;
        self.note(purchase, Event::Shipped)
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Result<Value, Refusal>> {
        self.household.ask(self.edge, method, path, body).await
    }

    async fn read(&mut self, path: &str) -> anyhow::Result<Value> {
        let answer = self.ask(Method::GET, path, &Value::Null).await?;
        answer.map_err(|refusal| anyhow::anyhow!("the shop refuses {path}: {refusal}"))
    }

    fn note(&self, purchase: &mut Purchase, event: Event) -> anyhow::Result<()> {
        purchase.take(&event)?;
        self.journal.write(&Entry::Basket { basket: purchase.basket, event })
    }

    /// The key of a step, the same however often it is asked for: a UUID of run, step and basket.
    fn request_id(&self, purchase: &Purchase, step: usize) -> String {
        format!("{:08x}-{step:04x}-4000-8000-{:012x}", self.run, purchase.basket)
    }
}

fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    let text = value[field].as_str().with_context(|| format!("no `{field}` in {value}"))?;
    Ok(text.to_owned())
}

/// Units by variant in a cart; `None` when it is not to be understood.
fn units(cart: &Value) -> Option<BTreeMap<&str, i64>> {
    // An empty list may be left out.
    let lines = cart["lines"].as_array().into_iter().flatten();
    lines.map(|line| Some((line["variant"].as_str()?, line["quantity"].as_str()?.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_is_compared_by_its_units() {
        let cart = json!({"lines": [
            {"variant": "variants/b", "quantity": "2"},
            {"variant": "variants/a", "quantity": "10"},
        ]});
        assert_eq!(units(&cart), Some([("variants/a", 10), ("variants/b", 2)].into()));
        assert_eq!(units(&json!({})), Some(BTreeMap::new()));
        assert_eq!(units(&json!({"lines": [{"variant": "variants/a"}]})), None);
    }
}
