//! Examples of inventory.

use serde_json::{Value, json};
use shopmesh_mesh::ServiceName;

use crate::{
    contract::world::{SELLER, World},
    support::client::request_id,
};

pub async fn body(method: &str, world: &World) -> Option<Value> {
    Some(match method {
        "inventory.v1.InventoryService/ListLocations"
        | "inventory.v1.InventoryService/ListStock"
        | "inventory.v1.InventoryService/VerifyStock" => json!({}),
        "inventory.v1.InventoryService/CreateLocation" => {
            json!({"location": {"name": format!("locations/l{}", world.unique()), "title": "Location"}})
        }
        "inventory.v1.InventoryService/GetAvailability" | "inventory.v1.InventoryService/ListMovements" => {
            json!({"variant": world.variant().await})
        }
        "inventory.v1.InventoryService/WatchStock" => json!({"variants": [world.variant().await]}),
        "inventory.v1.InventoryService/AdjustStock" => json!({
            "variant": world.variant().await, "location": "locations/east", "seller": SELLER, "delta": "1",
            "reason": "MOVEMENT_REASON_RECEIVED", "requestId": request_id(),
        }),
        "inventory.v1.StockImportService/ImportStock" => {
            let variant = world.draft().await["variants"][0]["name"].clone();
            let count =
                json!({"variant": variant, "location": "locations/east", "seller": SELLER, "onHand": "7"});
            json!({"countId": format!("count-{}", world.unique()), "counts": [count]})
        }
        "inventory.v1.ReservationService/BatchGetAvailability" => {
            json!({"variants": [world.variant().await]})
        }
        "inventory.v1.ReservationService/Reserve" => reservation(world).await,
        "inventory.v1.ReservationService/CommitReservation"
        | "inventory.v1.ReservationService/ReleaseReservation" => json!({"owner": reserved(world).await}),
        "inventory.v1.ReservationService/FulfillReservation" => {
            let owner = json!({"owner": reserved(world).await});
            let orders = world.service(ServiceName::Orders);
            orders.ok("inventory.v1.ReservationService/CommitReservation", owner.clone()).await;
            owner
        }
        _ => return None,
    })
}

async fn reservation(world: &World) -> Value {
    let lines = json!([{"variant": world.variant().await, "quantity": "1"}]);
    json!({"owner": format!("checkouts/{}", world.id("chk")), "lines": lines, "ttl": "600s"})
}

/// `checkouts/...` that holds stock.
async fn reserved(world: &World) -> Value {
    let reservation = reservation(world).await;
    let owner = reservation["owner"].clone();
    world.service(ServiceName::Orders).ok("inventory.v1.ReservationService/Reserve", reservation).await;
    owner
}
