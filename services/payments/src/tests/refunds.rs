//! Refunds: once per request, never more than was taken.

use tonic::Code;
use tonic_types::StatusExt;

use super::{unreliable::Fault, *};
use crate::provider::Handle;

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[tokio::test]
async fn a_repeat_gives_nothing_back_twice() {
    let shop = Shop::open().await;
    let payment = shop.paid(1, 250).await;
    let request = refund_of(&payment, 100);
    let first = shop.refund(request.clone()).await.unwrap();
    assert_eq!(first.state(), RefundState::Succeeded);
    assert_eq!(shop.refund(request.clone()).await.unwrap(), first);
    let reused = CreateRefundRequest { amount: Some(usd(50)), ..request };
    assert_eq!(reason(&shop.refund(reused).await.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(shop.provider_books().await, (250, 100));
    assert_eq!(shop.events(&payment.name).await.last().unwrap(), "PaymentRefunded");
    shop.assert_sound().await;
}

#[tokio::test]
async fn no_more_is_given_back_than_was_taken() {
    let shop = Shop::open().await;
    let authorized = shop.authorize(1, "tok_approve", 250).await.unwrap();
    assert_eq!(reason(&shop.refund(refund_of(&authorized, 1)).await.unwrap_err()), "STATE");
    let payment = shop.capture(1).await.unwrap();
    for minor in [0, -5] {
        let status = shop.refund(refund_of(&payment, minor)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    let euro = shopmesh_proto::google::r#type::Money { currency_code: "EUR".into(), units: 1, nanos: 0 };
    let other_currency = CreateRefundRequest { amount: Some(euro), ..refund_of(&payment, 1) };
    assert_eq!(shop.refund(other_currency).await.unwrap_err().code(), Code::InvalidArgument);
    shop.refund(refund_of(&payment, 200)).await.unwrap();
    let status = shop.refund(refund_of(&payment, 51)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status)), (Code::FailedPrecondition, "LIMIT".to_owned()));
    assert!(status.message().contains("0.50 USD"), "{}", status.message());
    shop.refund(refund_of(&payment, 50)).await.unwrap();
    shop.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_parallel_refunds_of_a_tenth_give_back_exactly_all() {
    let shop = Arc::new(Shop::open().await);
    let payment = shop.paid(1, 1000).await;
    let refund = |request| {
        let shop = shop.clone();
        tokio::spawn(async move { shop.refund(request).await })
    };
    let calls: Vec<_> = (0..30).map(|_| refund(refund_of(&payment, 100))).collect();
    let mut given_back = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(refund) => {
                assert_eq!(refund.state(), RefundState::Succeeded);
                given_back += 1;
            }
            Err(status) => assert_eq!(reason(&status), "LIMIT"),
        }
    }
    assert_eq!((given_back, shop.provider_books().await), (10, (1000, 1000)));
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_silent_provider_leaves_it_pending_and_its_amount_set_aside() {
    let shop = Shop::open().await;
    let payment = shop.paid(1, 250).await;
    shop.faults.add("refund", Fault::AnswerLost);
    let request = refund_of(&payment, 200);
    let pending = shop.refund(request.clone()).await.unwrap();
    assert_eq!(pending.state(), RefundState::Pending);
    assert_eq!(reason(&shop.refund(refund_of(&payment, 51)).await.unwrap_err()), "LIMIT");
    shop.recover().await;
    let done = shop.refund(request).await.unwrap();
    assert_eq!((done.name, done.state), (pending.name, RefundState::Succeeded.into()));
    assert_eq!(shop.provider_books().await, (250, 200));
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_refused_refund_frees_its_amount() {
    let shop = Shop::open().await;
    let payment = shop.paid(1, 250).await;
    // The provider's books were emptied by hand: it refuses.
    let amount = Money::new(250, Currency::parse("USD").unwrap());
    let (key, by_hand) = (checkout(1), Handle { key: "by-hand", reference: "" });
    shop.app.provider.refund(Handle { key: &key, reference: "" }, by_hand, amount).await.unwrap();
    assert_eq!(shop.refund(refund_of(&payment, 250)).await.unwrap().state(), RefundState::Failed);
    let after = shop.get(&payment.name).await;
    assert_eq!(minor(after.refunded.as_ref()), 0);
    assert_eq!(shop.refund(refund_of(&payment, 250)).await.unwrap().state(), RefundState::Failed);
    assert_eq!(shop.balance().await.problems, [""; 0]);
}
