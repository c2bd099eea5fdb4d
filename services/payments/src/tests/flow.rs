//! Authorize, capture, void, sync: each token does what its name says, repeats change nothing.

use tonic::Code;

use super::{unreliable::Fault, *};

#[tokio::test]
async fn each_token_does_what_its_name_says() {
    let shop = Shop::open().await;
    let approved = shop.authorize(1, "tok_approve", 250).await.unwrap();
    assert_eq!((approved.state(), minor(approved.amount.as_ref())), (PaymentState::Authorised, 250));
    assert_eq!(approved.provider, "sandbox");
    let declined = shop.authorize(2, "tok_decline", 250).await.unwrap();
    assert_eq!((declined.state(), declined.failure_code.as_str()), (PaymentState::Failed, "card_declined"));
    let late = shop.authorize(3, "tok_timeout_then_approve", 250).await.unwrap();
    assert_eq!(late.state(), PaymentState::Unknown);
    assert_eq!(shop.sync(3).await.unwrap().state(), PaymentState::Authorised);
    assert_eq!(shop.authorize(4, "tok_unknown", 250).await.unwrap().state(), PaymentState::Unknown);
    let mut states = Vec::new();
    for _ in 0..5 {
        states.push(shop.sync(4).await.unwrap().state());
    }
    use PaymentState::{Failed, Unknown};
    assert_eq!(states, [Unknown, Unknown, Unknown, Failed, Failed]);
    assert_eq!(shop.events(&approved.name).await, ["PaymentAuthorised"]);
    assert_eq!(shop.events(&declined.name).await, ["PaymentFailed"]);
    assert_eq!(shop.events(&late.name).await, ["PaymentAuthorised"]);
    shop.assert_sound().await;
}

#[tokio::test]
async fn bad_requests_leave_nothing_behind() {
    let shop = Shop::open().await;
    for token in ["tok_nonsense", "4242424242424242", "4242 4242-4242 4242", ""] {
        let status = shop.authorize(1, token, 250).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{token}");
        assert!(!status.message().contains("4242"), "never told again");
    }
    for minor in [0, -1, i64::MIN / 1_000_000] {
        assert_eq!(shop.authorize(1, "tok_approve", minor).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let half_a_cent = AuthorizePaymentRequest {
        amount: Some(shopmesh_proto::google::r#type::Money { nanos: 5_000_000, ..usd(0) }),
        ..authorization(1, "tok_approve", 1)
    };
    let request = by_orders("AuthorizePayment", half_a_cent);
    assert_eq!(shop.rpcs.authorize_payment(request).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(shop.capture(1).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(shop.sync(1).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn repeats_are_answered_and_other_requests_refused() {
    let shop = Shop::open().await;
    let first = shop.authorize(1, "tok_approve", 250).await.unwrap();
    assert_eq!(shop.authorize(1, "tok_approve", 250).await.unwrap(), first);
    for (token, minor) in [("tok_approve", 251), ("tok_decline", 250)] {
        assert_eq!(shop.authorize(1, token, minor).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let captured = shop.capture(1).await.unwrap();
    assert_eq!(minor(captured.captured.as_ref()), 250);
    assert_eq!(shop.capture(1).await.unwrap(), captured);
    assert_eq!(shop.void(1).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(shop.events(&first.name).await, ["PaymentAuthorised", "PaymentCaptured"]);
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_void_bars_what_comes_late() {
    let shop = Shop::open().await;
    for _ in 0..2 {
        let tombstone = shop.void(1).await.unwrap();
        assert_eq!((tombstone.state(), tombstone.amount), (PaymentState::Voided, None));
    }
    assert_eq!(shop.authorize(1, "tok_approve", 250).await.unwrap_err().code(), Code::FailedPrecondition);
    for (number, token) in [(2, "tok_approve"), (3, "tok_unknown"), (4, "tok_timeout_then_approve")] {
        let payment = shop.authorize(number, token, 250).await.unwrap();
        for _ in 0..2 {
            assert_eq!(shop.void(number).await.unwrap().state(), PaymentState::Voided, "{token}");
        }
        assert_eq!(shop.capture(number).await.unwrap_err().code(), Code::FailedPrecondition);
        assert_eq!(shop.authorize(number, token, 250).await.unwrap_err().code(), Code::FailedPrecondition);
        assert_eq!(shop.events(&payment.name).await.last().unwrap(), "PaymentVoided");
    }
    let failed = shop.authorize(5, "tok_decline", 250).await.unwrap();
    assert_eq!(shop.void(5).await.unwrap(), failed, "nothing is held: nothing to let go");
    assert_eq!(shop.provider_books().await, (0, 0));
    shop.assert_sound().await;
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_no_answer_about_the_money() {
    let shop = Shop::open().await;
    shop.faults.add("authorize", Fault::Unreachable);
    assert_eq!(shop.authorize(1, "tok_approve", 250).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(shop.authorize(1, "tok_approve", 250).await.unwrap().state(), PaymentState::Authorised);
    shop.faults.add("capture", Fault::Unreachable);
    assert_eq!(shop.capture(1).await.unwrap_err().code(), Code::Unavailable);
    let excluded = shop.void(1).await.unwrap_err();
    assert_eq!(excluded.code(), Code::FailedPrecondition, "it is being captured");
    assert_eq!(shop.capture(1).await.unwrap().state(), PaymentState::Captured);
    shop.assert_sound().await;
}

#[tokio::test]
async fn one_request_sent_many_times_at_once_charges_once() {
    let shop = Arc::new(Shop::open().await);
    let many = |shop: &Arc<Shop>| {
        let shop = shop.clone();
        tokio::spawn(async move {
            let authorized = shop.authorize(1, "tok_approve", 250).await.unwrap();
            assert!(matches!(authorized.state(), PaymentState::Authorised | PaymentState::Captured));
            shop.capture(1).await.unwrap()
        })
    };
    let calls: Vec<_> = (0..10).map(|_| many(&shop)).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().state(), PaymentState::Captured);
    }
    assert_eq!(shop.provider_books().await, (250, 0));
    assert_eq!(shop.balance().await.checked, 1);
    shop.assert_sound().await;
}
