//! Who sees which payment.

use tonic::Code;

use super::*;

#[tokio::test]
async fn shoppers_see_their_own_and_operators_all() {
    let shop = Shop::open().await;
    let anns = shop.paid(1, 250).await;
    let bobs = AuthorizePaymentRequest { owner: BOB.to_owned(), ..authorization(2, "tok_approve", 99) };
    shop.rpcs.authorize_payment(by_orders("AuthorizePayment", bobs)).await.unwrap();
    shop.void(3).await.unwrap();

    let list = |who| {
        let request = call(who, "PaymentService", "ListPayments", ListPaymentsRequest::default());
        shop.rpcs.list_payments(request)
    };
    let owners = |listed: tonic::Response<ListPaymentsResponse>| -> Vec<String> {
        listed.into_inner().payments.into_iter().map(|payment| payment.owner).collect()
    };
    assert_eq!(owners(list(shopper(ANN)).await.unwrap()), [ANN]);
    assert_eq!(owners(list(operator()).await.unwrap()), [BOB, ANN], "newest first, no tombstones");

    let get = |who, name: &str| {
        let request = GetPaymentRequest { name: name.to_owned() };
        shop.rpcs.get_payment(call(who, "PaymentService", "GetPayment", request))
    };
    assert_eq!(get(shopper(ANN), &anns.name).await.unwrap().into_inner(), anns);
    let nobodys = "payments/pay_01J00000000000000000000000";
    for name in [anns.name.as_str(), nobodys] {
        assert_eq!(get(shopper(BOB), name).await.unwrap_err().code(), Code::PermissionDenied, "{name}");
    }
    assert_eq!(get(operator(), nobodys).await.unwrap_err().code(), Code::NotFound);

    shop.refund(refund_of(&anns, 10)).await.unwrap();
    let refunds = |who| {
        let request = ListRefundsRequest { payment: anns.name.clone(), ..Default::default() };
        shop.rpcs.list_refunds(call(who, "PaymentService", "ListRefunds", request))
    };
    assert_eq!(refunds(shopper(ANN)).await.unwrap().into_inner().refunds.len(), 1);
    assert_eq!(refunds(shopper(BOB)).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn pages_cover_everything_once() {
    let shop = Shop::open().await;
    for number in 0..7 {
        shop.paid(number, 100).await;
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListPaymentsRequest { page_size: 3, page_token };
        let page =
            shop.rpcs.list_payments(call(shopper(ANN), "PaymentService", "ListPayments", request)).await;
        let page = page.unwrap().into_inner();
        seen.extend(page.payments.into_iter().map(|payment| payment.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.iter().rev().is_sorted());
    let request = ListLedgerTransactionsRequest { page_size: 5, ..Default::default() };
    let listed = shop.rpcs.list_ledger_transactions(call(
        operator(),
        "LedgerService",
        "ListLedgerTransactions",
        request,
    ));
    let page = listed.await.unwrap().into_inner();
    assert_eq!((page.transactions.len(), page.transactions[0].subject.as_str()), (5, seen[0].as_str()));
    let request = ListLedgerTransactionsRequest { page_size: 5, page_token: page.next_page_token };
    let listed = shop.rpcs.list_ledger_transactions(call(
        operator(),
        "LedgerService",
        "ListLedgerTransactions",
        request,
    ));
    let rest = listed.await.unwrap().into_inner();
    assert_eq!((rest.transactions.len(), rest.next_page_token.as_str()), (2, ""));
    for transaction in rest.transactions {
        let sum: i64 = transaction.entries.iter().map(|entry| minor(entry.amount.as_ref())).sum();
        assert_eq!((transaction.entries.len(), sum), (2, 0));
    }
}
