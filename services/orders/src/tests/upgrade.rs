//! A database that the version before left: rows with whole names, sagas under way.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use prost::Message;
use shopmesh_kit::{
    clock::{Clock, SystemClock},
    db::{Db, Migrator, Tx, sql},
    error::Result,
    events::{self, Cause},
    money::Currency,
    sealed::Sealer,
};
use shopmesh_proto::{inventory::v1::ReservationState, orders::v1 as pb, payments::v1::PaymentState};

use super::{ANN, Shop, address, eventually, peers::FakePeers, variant};
use crate::{
    domain::order::{Order, OrderEvent, Placed},
    ids::{CheckoutId, OrderId},
    store::MIGRATOR,
    translate::events::published,
};

/// The tables of that version.
static BEFORE: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = MIGRATOR.iter().filter(|migration| migration.version <= 2).cloned().collect();
    Migrator { migrations: Cow::Owned(migrations), ..Migrator::DEFAULT }
});

/// Rows of `kit_sagas` as they stood: kind, id and state.
const SAGAS: [(&str, &str, &str); 3] = [
    (
        "place_order",
        "checkouts/chk_01M8HH5NW5JQ8HYZ7QP5A1H9AG",
        r#"{"checkout":"checkouts/chk_01M8HH5NW5JQ8HYZ7QP5A1H9AG","cart":"carts/crt_01M8HH5NVMPAS11Q0R1AVT7JHA","order":"orders/ord_01M8HH5NW6BKQTK3CWSZS3RANH","owner":"users/usr_01J00000000000000000000ANN","channel":"channels/default","currency":"USD","lines":[{"variant":"variants/var_00000000000000000000000001","product":"products/prd_00000000000000000000000001","seller":"sellers/house","sku":"sku","title":"Thing","quantity":2,"unit_minor":250}],"expected_minor":500,"traceparent":"00-b180ed61f516f1afea9bd595ba6e1372-f7ce14a6a694223f-01","priced":true,"step":"Authorise","retry":{"attempts":1,"not_before":1795884767377975},"payment":null,"unknown_since":null,"failure":null}"#,
    ),
    (
        "cancel_order",
        "operations/opr_01M8HH5PCNVA720YF7Y7JN2PV6",
        r#"{"operation":"operations/opr_01M8HH5PCNVA720YF7Y7JN2PV6","order":"orders/ord_01M8HH5PBZA4H5GD7NK9GHQAPE","checkout":"checkouts/chk_01M8HH5PBZA4H5GD7NK9GHQAPD","reason":"no","traceparent":"00-ed66ea065de41f00e36b0c2bd3f79c4b-b80a4d4cfcd1d833-01","step":"Void","retry":{"attempts":1,"not_before":1795884767855464}}"#,
    ),
    (
        "ship_order",
        "operations/opr_01M8HH5PX0PJNWZ0XB7C9ARMZG",
        r#"{"operation":"operations/opr_01M8HH5PX0PJNWZ0XB7C9ARMZG","order":"orders/ord_01M8HH5PVY7ZS7ESYFN2RVSD50","checkout":"checkouts/chk_01M8HH5PVX0Y9SKP0YB99W1K0E","shipment":"shipments/shp_01M8HH5PX0PJNWZ0XB7C9ARMZH","tracking":"PARCEL 1","traceparent":"00-3f81f215142580e3e36a79829a84b390-dcb4fe25ff88ec4c-01","step":"Fulfil","retry":{"attempts":1,"not_before":1795884768385027}}"#,
    ),
];
const LINES: &str = r#"[{"variant":"variants/var_00000000000000000000000001","product":"products/prd_00000000000000000000000001","seller":"sellers/house","sku":"sku","title":"Thing","quantity":2,"unit_minor":250}]"#;

/// A checkout of the old database: its cart's name, its own, its order's, and what is under way on that.
struct Old {
    number: i64,
    cart: &'static str,
    checkout: &'static str,
    order: &'static str,
    operation: Option<(&'static str, i64)>,
}

/// Whose money is still to be asked for, and that of two placed ones.
const RUNNING: Old = Old {
    number: 0,
    cart: "carts/crt_01M8HH5NVMPAS11Q0R1AVT7JHA",
    checkout: "checkouts/chk_01M8HH5NW5JQ8HYZ7QP5A1H9AG",
    order: "orders/ord_01M8HH5NW6BKQTK3CWSZS3RANH",
    operation: None,
};
const CANCELLED: Old = Old {
    number: 1001,
    cart: "carts/crt_01M8HH5PBZA4H5GD7NK9GHQAPC",
    checkout: "checkouts/chk_01M8HH5PBZA4H5GD7NK9GHQAPD",
    order: "orders/ord_01M8HH5PBZA4H5GD7NK9GHQAPE",
    operation: Some(("operations/opr_01M8HH5PCNVA720YF7Y7JN2PV6", 1)),
};
const SHIPPED: Old = Old {
    number: 1002,
    cart: "carts/crt_01M8HH5PVX0Y9SKP0YB99W1K0D",
    checkout: "checkouts/chk_01M8HH5PVX0Y9SKP0YB99W1K0E",
    order: "orders/ord_01M8HH5PVY7ZS7ESYFN2RVSD50",
    operation: Some(("operations/opr_01M8HH5PX0PJNWZ0XB7C9ARMZG", 2)),
};

impl Old {
    fn is_running(&self) -> bool {
        self.number == 0
    }

    async fn insert(&self, tx: &mut Tx, sealer: &Sealer) -> Result<()> {
        let Self { cart, checkout, order, .. } = *self;
        let (cart_state, checkout_state) = if self.is_running() { (2, 1) } else { (3, 4) };
        let now = SystemClock.now();
        let context = format!("{checkout}/shipping_address");
        let sealed = sealer.seal(tx, ANN, &context, &address().encode_to_vec()).await?;
        let token = sealer.seal(tx, ANN, &format!("{checkout}/payment_token"), b"tok_approve").await?;
        sql("INSERT INTO carts (id, owner, channel, currency, state, lines, checkout, version, created, updated) \
             VALUES ($1, $2, 'channels/default', 'USD', $3, $4, $5, 2, $6, $6)")
        .bind(cart)
        .bind(ANN)
        .bind(cart_state)
        .bind(LINES)
        .bind(checkout)
        .bind(now)
        .execute(tx)
        .await?;
        sql(
            "INSERT INTO checkouts (id, cart, owner, state, order_id, currency, total_minor, sealed_address, \
             sealed_payment_token, created, updated) VALUES ($1, $2, $3, $4, $5, 'USD', 500, $6, $7, $8, $8)",
        )
        .bind(checkout)
        .bind(cart)
        .bind(ANN)
        .bind(checkout_state)
        .bind(Some(order).filter(|_| !self.is_running()))
        .bind(&sealed)
        .bind(Some(token).filter(|_| self.is_running()))
        .bind(now)
        .execute(tx)
        .await?;
        match self.operation {
            Some((operation, kind)) => self.insert_order(tx, operation, kind, sealed).await,
            None => Ok(()),
        }
    }

    async fn insert_order(&self, tx: &mut Tx, operation: &str, kind: i64, sealed: Vec<u8>) -> Result<()> {
        let Self { number, checkout, order, .. } = *self;
        let now = SystemClock.now();
        sql("INSERT INTO operations (id, order_id, kind, state, created) VALUES ($1, $2, $3, 1, $4)")
            .bind(operation)
            .bind(order)
            .bind(kind)
            .bind(now)
            .execute(tx)
            .await?;
        sql("INSERT INTO orders (id, number, owner, channel, state, payment_state, fulfillment_state, currency, \
             lines, shipments, checkout, payment, sealed_address, version, created, updated) VALUES ($1, $2, $3, \
             'channels/default', 1, 1, 1, 'USD', $4, '[]', $5, 'payments/p', $6, 1, $7, $7)")
        .bind(order)
        .bind(number)
        .bind(ANN)
        .bind(LINES)
        .bind(checkout)
        .bind(&sealed)
        .bind(now)
        .execute(tx)
        .await?;
        let placed = OrderEvent::Placed(Placed {
            order: OrderId::parse(order)?,
            number,
            owner: ANN.to_owned(),
            channel: "channels/default".to_owned(),
            currency: Currency::parse("USD")?,
            lines: serde_json::from_str(LINES).unwrap(),
            checkout: CheckoutId::parse(checkout)?,
            payment: "payments/p".to_owned(),
            sealed_address: sealed,
        });
        let data = published(&Order::apply(None, placed.clone(), now)?, placed)?;
        events::append_expecting(tx, &Cause::background(checkout, now), order, 0, data).await?;
        Ok(())
    }

    /// What the peers have of it.
    fn tell(&self, peers: &FakePeers, hold: ReservationState, payment: Option<PaymentState>) {
        let mut world = peers.world();
        world.holds.insert(self.checkout.to_owned(), (hold, vec![(variant(1), 2)]));
        world.payments.extend(payment.map(|state| (self.checkout.to_owned(), (state, 500))));
    }
}

async fn fill(tx: &mut Tx, sealer: &Sealer) -> Result<()> {
    for old in [RUNNING, CANCELLED, SHIPPED] {
        old.insert(tx, sealer).await?;
    }
    for (kind, id, state) in SAGAS {
        sql("INSERT INTO kit_sagas (kind, id, version, state, done, due_at, updated_at) \
             VALUES ($1, $2, 3, $3, 0, 7, 7)")
        .bind(kind)
        .bind(id)
        .bind(state)
        .execute(tx)
        .await?;
    }
    sql("UPDATE counters SET value = 1002 WHERE name = 'order_number'").execute(tx).await?;
    Ok(())
}

#[tokio::test]
async fn rows_are_read_and_sagas_go_on_after_an_upgrade() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let db = Db::open(&folder.path().join("orders.db"), &BEFORE).await.unwrap();
    let sealer = Sealer::open_in(&db, folder.path(), "orders").await.unwrap();
    db.write(sealer, |tx, sealer| Box::pin(fill(tx, sealer))).await.unwrap();
    drop(db);

    let peers = FakePeers::default();
    peers.world().stock.insert(variant(1), 96);
    RUNNING.tell(&peers, ReservationState::Held, None);
    CANCELLED.tell(&peers, ReservationState::Released, Some(PaymentState::Authorised));
    SHIPPED.tell(&peers, ReservationState::Committed, Some(PaymentState::Captured));
    let shop = Shop::run(folder, peers).await;

    let checkout = shop.settled(ANN, RUNNING.checkout).await;
    assert_eq!((checkout.state(), checkout.order.as_str()), (pb::CheckoutState::Placed, RUNNING.order));
    let order = shop.get_order(ANN, RUNNING.order).await;
    assert_eq!((order.number.as_str(), order.shipping_address), ("1003", Some(address())));
    assert_eq!(shop.get_cart(ANN, RUNNING.cart).await.checkout, RUNNING.checkout);

    for (old, state) in [(CANCELLED, pb::PaymentState::Voided), (SHIPPED, pb::PaymentState::Paid)] {
        let ended = || async {
            let order = shop.get_order(ANN, old.order).await;
            (order.payment_state() == state).then_some(order)
        };
        let order = eventually("the operation ends", ended).await;
        assert_eq!((order.checkout.as_str(), order.shipping_address), (old.checkout, Some(address())));
        let told = events::stream_of(&shop.app.db, old.order).await.unwrap();
        let traceparent = &told.last().unwrap().traceparent;
        assert!(SAGAS.iter().any(|(_, _, text)| text.contains(traceparent.as_str())), "{traceparent}");
    }
    assert_eq!(shop.peers.count("reserve") + shop.peers.count("capture"), 0, "those were done");
    let left = sql("SELECT COUNT(*) AS n FROM operations WHERE state = 1").one(&shop.app.db).await.unwrap();
    assert_eq!(left.int("n").unwrap(), 0);
}
