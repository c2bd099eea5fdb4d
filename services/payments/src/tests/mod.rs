//! The RPCs against real databases in a temporary folder, called as the server calls them; the sandbox provider can
//! be made to fall silent before or after it did what it was asked.

mod books;
mod crashes;
mod flow;
mod migration;
mod references;
mod refunds;
mod scope;
mod unreliable;

use std::{sync::Arc, time::Duration};

use shopmesh_kit::{
    clock::{ManualClock, Timestamp},
    db::{Db, Migrations, sql},
    events, migrations,
    money::{Currency, Money},
};
use shopmesh_mesh::{
    ServiceName,
    server::{Call, Claims, Principal, RoleBinding},
    workload::SpiffeId,
};
use shopmesh_proto::{
    payments::v1::{
        ledger_service_server::LedgerService, payment_flow_service_server::PaymentFlowService,
        payment_service_server::PaymentService, *,
    },
    policy::{PolicyTable, Role},
};
use tempfile::TempDir;
use tonic::{Request, Status};

use crate::{
    app::App,
    grpc::Rpcs,
    provider::{Patient, Provider, Sandbox},
    store::{MIGRATOR, mac::LedgerKey},
    workflows::recover::recover,
};
use unreliable::{Faults, Unreliable};

const ANN: &str = "users/usr_01J00000000000000000000ANN";
const BOB: &str = "users/usr_01J00000000000000000000B0B";
/// How long the provider is waited for: longer than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// The service, until it is crashed or dropped.
struct Shop {
    app: Arc<App>,
    rpcs: Rpcs,
    clock: ManualClock,
    faults: Faults,
    folder: Arc<TempDir>,
}

impl Shop {
    async fn open() -> Self {
        let clock = ManualClock::at(Timestamp(1_700_000_000_000_000));
        Self::on(Arc::new(tempfile::tempdir().unwrap()), clock).await
    }

    /// Starts again on what is on disk, with a provider that answers.
    async fn restart(self) -> Self {
        let (folder, clock) = (self.folder.clone(), self.clock.clone());
        drop(self);
        Self::on(folder, clock).await
    }

    async fn on(folder: Arc<TempDir>, clock: ManualClock) -> Self {
        let faults = Faults::default();
        let sandbox = Sandbox::open(&folder.path().join("sandbox-provider.db"), 3).await.unwrap();
        let provider = Patient::new(Unreliable { inner: sandbox, faults: faults.clone() }, PATIENCE);
        Self { faults, ..Self::with(Arc::new(provider), folder, clock).await }
    }

    /// The service with another provider.
    async fn with(provider: Arc<dyn Provider>, folder: Arc<TempDir>, clock: ManualClock) -> Self {
        let db = Db::open(&folder.path().join("payments.db"), &MIGRATOR).await.unwrap();
        let ledger_key = LedgerKey::open(&db, &folder.path().join("ledger.key")).await.unwrap();
        let app = Arc::new(App { db, clock: Arc::new(clock.clone()), provider, ledger_key });
        Self { rpcs: Rpcs(app.clone()), app, clock, faults: Faults::default(), folder }
    }

    async fn authorize(&self, number: u32, token: &str, minor: i64) -> Result<Payment, Status> {
        let request = authorization(number, token, minor);
        self.rpcs
            .authorize_payment(by_orders("AuthorizePayment", request))
            .await
            .map(tonic::Response::into_inner)
    }

    async fn capture(&self, number: u32) -> Result<Payment, Status> {
        let request = CapturePaymentRequest { checkout: checkout(number) };
        self.rpcs.capture_payment(by_orders("CapturePayment", request)).await.map(tonic::Response::into_inner)
    }

    async fn void(&self, number: u32) -> Result<Payment, Status> {
        let request = VoidPaymentRequest { checkout: checkout(number) };
        self.rpcs.void_payment(by_orders("VoidPayment", request)).await.map(tonic::Response::into_inner)
    }

    async fn sync(&self, number: u32) -> Result<Payment, Status> {
        let request = SyncPaymentRequest { checkout: checkout(number) };
        self.rpcs.sync_payment(by_orders("SyncPayment", request)).await.map(tonic::Response::into_inner)
    }

    /// A captured payment.
    async fn paid(&self, number: u32, minor: i64) -> Payment {
        self.authorize(number, "tok_approve", minor).await.unwrap();
        self.capture(number).await.unwrap()
    }

    async fn refund(&self, request: CreateRefundRequest) -> Result<Refund, Status> {
        let request = call(operator(), "PaymentService", "CreateRefund", request);
        self.rpcs.create_refund(request).await.map(tonic::Response::into_inner)
    }

    async fn get(&self, name: &str) -> Payment {
        let request = GetPaymentRequest { name: name.to_owned() };
        let request = call(operator(), "PaymentService", "GetPayment", request);
        self.rpcs.get_payment(request).await.unwrap().into_inner()
    }

    async fn balance(&self) -> TrialBalanceResponse {
        let request = call(operator(), "LedgerService", "TrialBalance", TrialBalanceRequest {});
        self.rpcs.trial_balance(request).await.unwrap().into_inner()
    }

    /// Fails unless the books add up and say what the provider's books say.
    async fn assert_sound(&self) {
        let balance = self.balance().await;
        assert_eq!(balance.problems, [""; 0]);
        let of = |account: &&AccountBalance| account.account == "provider:sandbox:receivable";
        let receivable = balance.accounts.iter().find(of).map_or(0, |found| minor(found.balance.as_ref()));
        let (captured, refunded) = self.provider_books().await;
        assert_eq!(
            receivable,
            captured - refunded,
            "the provider says {captured} taken, {refunded} given back"
        );
    }

    /// What the provider has taken and given back, in minor units.
    async fn provider_books(&self) -> (i64, i64) {
        static NONE: Migrations =
            migrations!("migrations/sandbox": "0001_create_sandbox.sql", "0002_no_tokens.sql");
        let books = Db::open(&self.folder.path().join("sandbox-provider.db"), &NONE).await.unwrap();
        let row = sql("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS captured, \
                 CAST(COALESCE(SUM(refunded), 0) AS BIGINT) AS refunded FROM charges WHERE state = 'captured'")
        .one(&books)
        .await
        .unwrap();
        let given_back = sql("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS sum FROM refunds");
        let given_back = given_back.one(&books).await.unwrap().int("sum").unwrap();
        assert_eq!(row.int("refunded").unwrap(), given_back);
        (row.int("captured").unwrap(), given_back)
    }

    /// Short names of a payment's events; fails when their chain is broken.
    async fn events(&self, payment: &str) -> Vec<String> {
        events::verify_chain(&self.app.db, payment).await.unwrap();
        let events = events::stream_of(&self.app.db, payment).await.unwrap();
        let name = |event| events::type_name(event).rsplit('.').next().unwrap().to_owned();
        events.iter().map(name).collect()
    }

    /// Changes rows behind the service's back.
    async fn tamper(&self, text: &'static str) {
        let changed = self.app.db.write((), move |tx, ()| Box::pin(sql(text).execute(tx)));
        assert_ne!(changed.await.unwrap(), 0, "{text}");
    }

    /// What the recovery does after a while.
    async fn recover(&self) {
        self.clock.advance(Duration::from_mins(20));
        recover(&self.app).await.unwrap();
    }
}

fn usd(minor: i64) -> shopmesh_proto::google::r#type::Money {
    Money::new(minor, Currency::parse("USD").unwrap()).to_proto()
}

fn minor(amount: Option<&shopmesh_proto::google::r#type::Money>) -> i64 {
    Money::from_proto("amount", amount.unwrap()).unwrap().minor
}

fn checkout(number: u32) -> String {
    format!("checkouts/chk_{number:026}")
}

fn authorization(number: u32, token: &str, minor: i64) -> AuthorizePaymentRequest {
    AuthorizePaymentRequest {
        checkout: checkout(number),
        owner: ANN.to_owned(),
        amount: Some(usd(minor)),
        payment_token: token.to_owned(),
    }
}

/// A refund under a request id of its own.
fn refund_of(payment: &Payment, minor: i64) -> CreateRefundRequest {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    CreateRefundRequest {
        payment: payment.name.clone(),
        amount: Some(usd(minor)),
        reason: "broken".to_owned(),
        request_id: format!("00000000-0000-4000-8000-{id:012x}"),
    }
}

fn operator() -> Principal {
    Principal::Operator("cli".to_owned())
}

fn shopper(name: &str) -> Principal {
    Principal::User(Claims {
        subject: name.to_owned(),
        session: "ses_1".to_owned(),
        bindings: vec![RoleBinding { role: Role::Shopper, scope: String::new() }],
        account_version: 1,
        expires_at: i64::MAX,
    })
}

/// A request of PaymentFlowService, by the orders service.
fn by_orders<M>(method: &str, message: M) -> Request<M> {
    call(Principal::Workload(ServiceName::Orders), "PaymentFlowService", method, message)
}

fn call<M>(principal: Principal, service: &str, method: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let peer = SpiffeId::service(ServiceName::Orders);
    let path = format!("/shopmesh.payments.v1.{service}/{method}");
    let policy = PolicyTable::global().method(&path).unwrap();
    let deadline = tokio::time::Instant::now() + policy.deadline;
    request.extensions_mut().insert(Call::new(peer, principal, policy, deadline, String::new()));
    request
}
