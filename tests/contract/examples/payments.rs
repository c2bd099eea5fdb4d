//! Examples of payments.

use serde_json::{Value, json};
use shopmesh_mesh::ServiceName;

use crate::{
    contract::{caller::Who, world::World},
    support::client::request_id,
};

pub async fn body(method: &str, world: &World) -> Option<Value> {
    Some(match method {
        "payments.v1.PaymentService/GetPayment" => json!({"name": world.payment().await["name"]}),
        "payments.v1.PaymentService/ListPayments"
        | "payments.v1.LedgerService/TrialBalance"
        | "payments.v1.LedgerService/ListLedgerTransactions" => json!({}),
        "payments.v1.PaymentService/ListRefunds" => json!({"payment": world.payment().await["name"]}),
        "payments.v1.PaymentService/CreateRefund" => json!({
            "payment": world.payment().await["name"], "amount": {"currencyCode": "USD", "units": "1"},
            "requestId": request_id(),
        }),
        "payments.v1.PaymentFlowService/AuthorizePayment" => authorization(world),
        "payments.v1.PaymentFlowService/CapturePayment"
        | "payments.v1.PaymentFlowService/VoidPayment"
        | "payments.v1.PaymentFlowService/SyncPayment" => {
            let authorization = authorization(world);
            let checkout = authorization["checkout"].clone();
            let orders = world.service(ServiceName::Orders);
            orders.ok("payments.v1.PaymentFlowService/AuthorizePayment", authorization).await;
            json!({"checkout": checkout})
        }
        _ => return None,
    })
}

fn authorization(world: &World) -> Value {
    let Who::User(owner, _) = &world.shopper.who else { unreachable!("the shopper is a user") };
    json!({
        "checkout": format!("checkouts/{}", world.id("chk")), "owner": owner, "paymentToken": "tok_approve",
        "amount": {"currencyCode": "USD", "units": "5"},
    })
}
