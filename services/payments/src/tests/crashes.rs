//! The process dies while the provider is asked, before or after it did what it was asked: nothing is lost, and
//! nothing happens twice, whether the caller comes back or nobody does.

use super::{unreliable::Fault, *};
use crate::domain::answer::Authorization;

/// Runs `call` until the provider falls silent, ends it at once as a kill would, and starts again.
async fn crash<F: Future<Output = ()> + Send + 'static>(
    shop: Shop,
    method: &'static str,
    fault: Fault,
    call: impl FnOnce(Rpcs) -> F,
) -> Shop {
    let call = call(shop.rpcs.clone());
    let mut running = None;
    shop.faults.hang(method, fault, || running = Some(tokio::spawn(call))).await;
    let running = running.unwrap();
    running.abort();
    let _ = running.await;
    shop.restart().await
}

async fn crash_authorize(shop: Shop, fault: Fault) -> Shop {
    let call = |rpcs: Rpcs| async move {
        let request = by_orders("AuthorizePayment", authorization(1, "tok_approve", 250));
        let _ = rpcs.authorize_payment(request).await;
    };
    crash(shop, "authorize", fault, call).await
}

async fn crash_capture(shop: Shop, fault: Fault) -> Shop {
    let call = |rpcs: Rpcs| async move {
        let request = CapturePaymentRequest { checkout: checkout(1) };
        let _ = rpcs.capture_payment(by_orders("CapturePayment", request)).await;
    };
    crash(shop, "capture", fault, call).await
}

const BOTH: [Fault; 2] = [Fault::Lost, Fault::AnswerLost];

#[tokio::test]
async fn while_authorizing() {
    for fault in BOTH {
        let shop = crash_authorize(Shop::open().await, fault).await;
        let repeated = shop.authorize(1, "tok_approve", 250).await.unwrap();
        assert_eq!(repeated.state(), PaymentState::Authorised, "{fault:?}");
        assert_eq!(shop.capture(1).await.unwrap().state(), PaymentState::Captured);
        assert_eq!(shop.provider_books().await, (250, 0));
        shop.assert_sound().await;
    }
}

#[tokio::test]
async fn while_authorizing_and_the_caller_only_asks() {
    for (fault, state) in [(Fault::Lost, PaymentState::Failed), (Fault::AnswerLost, PaymentState::Authorised)]
    {
        let shop = crash_authorize(Shop::open().await, fault).await;
        assert_eq!(shop.sync(1).await.unwrap().state(), state, "{fault:?}");
        let again = shop.authorize(1, "tok_approve", 250).await.unwrap();
        assert_eq!(again.state(), state, "what was settled stays");
        shop.assert_sound().await;
    }
}

#[tokio::test]
async fn while_authorizing_and_the_caller_gives_up() {
    for fault in BOTH {
        let shop = crash_authorize(Shop::open().await, fault).await;
        assert_eq!(shop.void(1).await.unwrap().state(), PaymentState::Voided, "{fault:?}");
        // What was still on its way to the provider finds the door closed.
        let token = "tok_approve";
        let amount = Money::new(250, Currency::parse("USD").unwrap());
        let late = shop.app.provider.authorize(&checkout(1), token, amount).await.unwrap();
        assert_eq!(late.outcome, Authorization::Declined("voided".to_owned()));
        assert_eq!(shop.provider_books().await, (0, 0));
    }
}

#[tokio::test]
async fn while_authorizing_and_nobody_comes_back() {
    for (fault, state) in [(Fault::Lost, PaymentState::Failed), (Fault::AnswerLost, PaymentState::Authorised)]
    {
        let shop = crash_authorize(Shop::open().await, fault).await;
        shop.recover().await;
        assert_eq!(shop.sync(1).await.unwrap().state(), state, "{fault:?}");
        shop.assert_sound().await;
    }
}

#[tokio::test]
async fn while_capturing() {
    for fault in BOTH {
        let shop = Shop::open().await;
        shop.authorize(1, "tok_approve", 250).await.unwrap();
        let shop = crash_capture(shop, fault).await;
        let captured = shop.capture(1).await.unwrap();
        assert_eq!((captured.state(), shop.provider_books().await), (PaymentState::Captured, (250, 0)));
        assert_eq!(shop.events(&captured.name).await, ["PaymentAuthorised", "PaymentCaptured"]);
        shop.assert_sound().await;
    }
}

#[tokio::test]
async fn while_capturing_and_nobody_comes_back() {
    for fault in BOTH {
        let shop = Shop::open().await;
        let payment = shop.authorize(1, "tok_approve", 250).await.unwrap();
        let shop = crash_capture(shop, fault).await;
        shop.recover().await;
        assert_eq!(shop.get(&payment.name).await.state(), PaymentState::Captured, "{fault:?}");
        assert_eq!(shop.balance().await.checked, 1);
        shop.assert_sound().await;
    }
}

#[tokio::test]
async fn while_voiding() {
    for fault in BOTH {
        let shop = Shop::open().await;
        let payment = shop.authorize(1, "tok_approve", 250).await.unwrap();
        let call = |rpcs: Rpcs| async move {
            let request = VoidPaymentRequest { checkout: checkout(1) };
            let _ = rpcs.void_payment(by_orders("VoidPayment", request)).await;
        };
        let shop = crash(shop, "void", fault, call).await;
        assert!(shop.capture(1).await.is_err(), "what is being let go cannot be taken");
        shop.recover().await;
        assert_eq!(shop.get(&payment.name).await.state(), PaymentState::Voided, "{fault:?}");
        assert_eq!(shop.events(&payment.name).await, ["PaymentAuthorised", "PaymentVoided"]);
    }
}

#[tokio::test]
async fn while_refunding() {
    for fault in BOTH {
        for comes_back in [true, false] {
            let shop = Shop::open().await;
            let payment = shop.paid(1, 250).await;
            let request = refund_of(&payment, 100);
            let sent = request.clone();
            let call = |rpcs: Rpcs| async move {
                let _ =
                    rpcs.create_refund(super::call(operator(), "PaymentService", "CreateRefund", sent)).await;
            };
            let shop = crash(shop, "refund", fault, call).await;
            assert_eq!(minor(shop.get(&payment.name).await.refunded.as_ref()), 0, "not given back yet");
            shop.assert_books_balance().await;
            if comes_back {
                assert_eq!(shop.refund(request).await.unwrap().state(), RefundState::Succeeded);
            } else {
                shop.recover().await;
            }
            assert_eq!(minor(shop.get(&payment.name).await.refunded.as_ref()), 100, "{fault:?}");
            assert_eq!(shop.provider_books().await, (250, 100));
            shop.assert_sound().await;
        }
    }
}

impl Shop {
    /// Our own books alone: the provider may be ahead until the next answer.
    async fn assert_books_balance(&self) {
        assert_eq!(self.balance().await.problems, [""; 0]);
    }
}
