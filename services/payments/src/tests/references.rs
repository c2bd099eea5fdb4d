//! A provider that names things itself, changes those names from step to step, and may send the customer elsewhere.

use std::sync::Mutex;

use super::*;
use crate::{
    domain::answer::{self, Action, Answer, Authorization, Capture, Lookup, Void},
    provider::{Answered, Handle, Webhook},
};

/// Answers what it was made to, and remembers by which names it was asked.
struct Scripted {
    authorization: Authorization,
    void: Void,
    asked: Mutex<Vec<String>>,
}

impl Scripted {
    fn says<'a, T: Send + 'a>(&self, asked: String, reference: &str, outcome: T) -> Answered<'a, T> {
        self.asked.lock().unwrap().push(asked);
        let reference = reference.to_owned();
        Box::pin(async move { Ok(Answer { reference, outcome }) })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Provider for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn knows_token(&self, _: &str) -> bool {
        true
    }

    fn authorize<'a>(&'a self, _: &'a str, _: &'a str, _: Money) -> Answered<'a, Authorization> {
        self.says("authorize".to_owned(), "auth_1", self.authorization.clone())
    }

    fn lookup<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Lookup> {
        let found = Lookup::Found(self.authorization.clone());
        self.says(format!("lookup {}", charge.reference), "", found)
    }

    fn capture<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Capture> {
        self.says(format!("capture {}", charge.reference), "capture_1", Capture::Captured)
    }

    fn void<'a>(&'a self, charge: Handle<'a>) -> Answered<'a, Void> {
        self.says(format!("void {}", charge.reference), "", self.void.clone())
    }

    fn refund<'a>(
        &'a self,
        charge: Handle<'a>,
        refund: Handle<'a>,
        _: Money,
    ) -> Answered<'a, answer::Refund> {
        let outcome = match refund.reference {
            "" => answer::Refund::Pending,
            _ => answer::Refund::Refunded,
        };
        self.says(format!("refund {} as '{}'", charge.reference, refund.reference), "refund_1", outcome)
    }
}

async fn shop(authorization: Authorization, void: Void) -> (Shop, Arc<Scripted>) {
    let provider = Arc::new(Scripted { authorization, void, asked: Mutex::default() });
    let clock = ManualClock::at(Timestamp(1_700_000_000_000_000));
    let folder = Arc::new(tempfile::tempdir().unwrap());
    (Shop::with(provider.clone(), folder, clock).await, provider)
}

fn redirect() -> Authorization {
    Authorization::RequiresAction(Action::Redirect("https://bank.example/3ds".to_owned()))
}

#[tokio::test]
async fn each_step_names_what_the_provider_told_last() {
    let (shop, provider) = shop(Authorization::Held, Void::Voided).await;
    let paid = shop.paid(1, 250).await;
    let request = refund_of(&paid, 100);
    assert_eq!(shop.refund(request.clone()).await.unwrap().state(), RefundState::Pending);
    shop.recover().await;
    assert_eq!(shop.refund(request).await.unwrap().state(), RefundState::Succeeded);
    shop.authorize(2, "any", 250).await.unwrap();
    shop.void(2).await.unwrap();
    assert_eq!(
        provider.asked(),
        [
            "authorize",
            "capture auth_1",
            "refund capture_1 as ''",
            "refund capture_1 as 'refund_1'",
            "authorize",
            "void auth_1"
        ]
    );
    assert_eq!(shop.balance().await.problems, [""; 0]);
}

#[tokio::test]
async fn what_the_provider_has_not_decided_is_looked_up_by_its_name() {
    let (shop, provider) = shop(Authorization::Pending, Void::Voided).await;
    assert_eq!(shop.authorize(1, "any", 250).await.unwrap().state(), PaymentState::Unknown);
    assert_eq!(shop.sync(1).await.unwrap().state(), PaymentState::Unknown);
    assert_eq!(provider.asked(), ["authorize", "lookup auth_1"]);
}

#[tokio::test]
async fn a_customer_who_would_have_to_act_fails_the_payment_once_nothing_can_be_held_any_more() {
    let (shop, provider) = self::shop(redirect(), Void::Voided).await;
    let failed = shop.authorize(1, "any", 250).await.unwrap();
    assert_eq!((failed.state(), failed.failure_code.as_str()), (PaymentState::Failed, "requires_action"));
    assert_eq!(provider.asked(), ["authorize", "void auth_1"]);
    assert_eq!(shop.events(&failed.name).await, ["PaymentFailed"]);

    for void in [Void::Pending, Void::Declined("busy".to_owned())] {
        let (shop, provider) = self::shop(redirect(), void).await;
        for _ in 0..2 {
            assert_eq!(shop.authorize(1, "any", 250).await.unwrap().state(), PaymentState::Unknown);
        }
        assert_eq!(provider.asked(), ["authorize", "void auth_1", "lookup auth_1", "void auth_1"]);
    }
}

#[tokio::test]
async fn a_provider_that_sends_no_webhooks_believes_none() {
    let sandbox = Shop::open().await;
    let webhook = Webhook { headers: &http::HeaderMap::new(), body: b"{}" };
    let refused = sandbox.app.provider.notified(webhook).await.unwrap_err();
    assert_eq!(refused.to_string(), "the webhook is refused: sandbox sends none");
}
