//! Databases of earlier releases.

use std::borrow::Cow;

use shopmesh_kit::db::Migrator;

use super::*;
use crate::{
    domain::ledger,
    ids::{PaymentId, RefundId},
    provider::Handle,
    store,
};

const PAID: &str = "payments/pay_01J0000000000000000000PA1D";
const HELD: &str = "payments/pay_01J0000000000000000000HE1D";
const BARRED: &str = "payments/pay_01J0000000000000000000BARR";
const REFUND: &str = "refunds/rfd_01J00000000000000000000RFD";
const PENDING: &str = "refunds/rfd_01J0000000000000000000RFD2";

/// Rows as the first release wrote them.
async fn old_rows(shop_folder: &TempDir) {
    let first = MIGRATOR.iter().take(1).cloned().collect();
    let first = Box::leak(Box::new(Migrator { migrations: Cow::Owned(first), ..Migrator::DEFAULT }));
    let db = Db::open(&shop_folder.path().join("payments.db"), first).await.unwrap();
    let key = LedgerKey::open(&db, &shop_folder.path().join("ledger.key")).await.unwrap();
    let written = db.write(key, |tx, key| {
        Box::pin(async move {
            for (id, number, owner, state, amount, captured, refunding, refunded) in [
                (PAID, 1, ANN, 4, 250, 250, 50, 100),
                (HELD, 2, BOB, 3, 99, 0, 0, 0),
                (BARRED, 3, "", 6, 0, 0, 0, 0),
            ] {
                sql("INSERT INTO payments (id, checkout, owner, state, intent, currency, amount, captured, refunding, \
                     refunded, provider, token_hash, failure_code, version, created, updated) \
                     VALUES ($1, $2, $3, $4, 0, 'USD', $5, $6, $7, $8, 'sandbox', $9, '', 3, 1, 1)")
                .bind(id)
                .bind(checkout(number))
                .bind(owner)
                .bind(state)
                .bind(amount)
                .bind(captured)
                .bind(refunding)
                .bind(refunded)
                .bind(vec![7_u8; 32])
                .execute(&mut *tx)
                .await?;
            }
            for (id, state, amount) in [(REFUND, 2, 100), (PENDING, 1, 50)] {
                sql("INSERT INTO refunds (id, payment, state, currency, amount, reason, asked, created) \
                     VALUES ($1, $2, $3, 'USD', $4, 'broken', 2, 2)")
                .bind(id)
                .bind(PAID)
                .bind(state)
                .bind(amount)
                .execute(&mut *tx)
                .await?;
            }
            let usd = |minor| Money::new(minor, Currency::parse("USD").unwrap());
            let (id, refund) = (PaymentId::parse(PAID)?, RefundId::parse(REFUND)?);
            for posting in [
                ledger::capture("sandbox", PAID, usd(250))?,
                ledger::refund("sandbox", &format!("{PAID}/{refund}"), usd(100))?,
            ] {
                store::ledger::post(&mut *tx, key, &id, &posting, Timestamp(3)).await?;
            }
            Ok::<_, shopmesh_kit::Error>(())
        })
    });
    written.await.unwrap();
}

/// What the provider did for them.
async fn old_provider(shop: &Shop) {
    let (paid, held) = (checkout(1), checkout(2));
    let usd = |minor| Money::new(minor, Currency::parse("USD").unwrap());
    let provider = &shop.app.provider;
    let (charge, refund) = (Handle { key: &paid, reference: "" }, &REFUND["refunds/".len()..]);
    provider.authorize(&paid, "tok_approve", usd(250)).await.unwrap();
    provider.authorize(&held, "tok_approve", usd(99)).await.unwrap();
    provider.capture(charge).await.unwrap();
    provider.refund(charge, Handle { key: refund, reference: "" }, usd(100)).await.unwrap();
}

#[tokio::test]
async fn payments_of_the_first_release_go_on() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    old_rows(&folder).await;
    let shop = Shop::on(folder, ManualClock::at(Timestamp(1_700_000_000_000_000))).await;
    old_provider(&shop).await;
    shop.assert_sound().await;

    let paid = shop.get(PAID).await;
    assert_eq!((paid.state(), minor(paid.refunded.as_ref())), (PaymentState::Captured, 100));
    let list = ListRefundsRequest { payment: PAID.to_owned(), ..Default::default() };
    let listed = shop.rpcs.list_refunds(call(operator(), "PaymentService", "ListRefunds", list)).await;
    let names: Vec<String> = listed.unwrap().into_inner().refunds.into_iter().map(|of| of.name).collect();
    assert_eq!(names, [format!("{PAID}/{REFUND}"), format!("{PAID}/{PENDING}")]);

    // What was pending is finished, what is left is given back, what was held is taken.
    shop.recover().await;
    assert_eq!(minor(shop.get(PAID).await.refunded.as_ref()), 150);
    assert_eq!(shop.refund(refund_of(&paid, 100)).await.unwrap().state(), RefundState::Succeeded);
    let captured = shop.capture(2).await.unwrap();
    assert_eq!((captured.name.as_str(), captured.state()), (HELD, PaymentState::Captured));
    shop.assert_sound().await;

    let tombstone = shop.void(3).await.unwrap();
    assert_eq!((tombstone.name.as_str(), tombstone.amount), (BARRED, None));
    let barred = shop.authorize(3, "tok_approve", 250).await.unwrap_err();
    assert_eq!(barred.code(), tonic::Code::FailedPrecondition);
}
