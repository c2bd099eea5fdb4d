//! Examples of notifications, platform and what every service serves.

use std::path::Path;

use serde_json::{Value, json};

use crate::contract::world::World;

/// The application that examples ask for.
const APP: &str = "shop";

/// Whether it is built in.
pub fn has_app() -> bool {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("services/platform/assets");
    assets.join(APP).join("index.html").exists()
}

pub async fn body(method: &str, world: &World) -> Option<Value> {
    Some(match method {
        "notifications.v1.NotificationService/ListDeliveries"
        | "notifications.v1.NotificationService/ListTemplates"
        | "events.v1.EventLogService/ReadEvents"
        | "mesh.v1.StatusService/GetServiceStatus"
        | "platform.v1.PlatformService/GetHealth"
        | "platform.v1.PlatformService/GetSystemStatus"
        | "platform.v1.PlatformService/GetLandingPage"
        | "platform.v1.PlatformService/GetOpenApi"
        | "platform.v1.PlatformService/GetDocs" => json!({}),
        "platform.v1.PlatformService/GetAsset" => json!({"name": "assets/landing.js"}),
        "platform.v1.PlatformService/GetApp" => json!({"app": APP, "path": "products/tea"}),
        "notifications.v1.NotificationService/RenderTemplate" => {
            let templates =
                world.operator.ok("notifications.v1.NotificationService/ListTemplates", json!({})).await;
            let template = &templates["templates"][0];
            let variables = template["variables"].as_array()?.iter();
            let variables: Vec<_> = variables.map(|key| json!({"key": key, "value": "x"})).collect();
            json!({"name": template["name"], "variables": variables})
        }
        _ => return None,
    })
}
