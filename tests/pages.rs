//! The pages in a real browser: the landing page shows the live status, `/docs` shows the API and can call it. And where web
//! applications are, or will be.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::support::{
    Shop,
    http::{Answer, request, send},
};

#[test]
fn the_pages_work_in_a_browser() {
    let shop = Shop::start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/browse.mjs");
    // Not in the shop's folder: that one goes away with it.
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let _ = std::fs::remove_dir_all(&pictures);
    std::fs::create_dir_all(&pictures).unwrap();
    let output = Command::new("node").arg(script).arg(shop.url()).arg(&pictures).output();
    let output = output.expect("node is on the PATH");
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "pictures are in {}\n{}", pictures.display(), text.concat());
}

/// Whether the tree has an application.
fn is_built_in(app: &str) -> bool {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("services/platform/assets");
    assets.join(app).join("index.html").exists()
}

#[tokio::test]
async fn every_path_of_an_application_leads_to_its_page() {
    let shop = Shop::start();
    for app in ["shop", "admin", "seller"] {
        for path in ["", "/", "/products/tea", "/products/tea?page=2&path=x", "/search/gr%C3%BCn"] {
            let answer = send(shop.address(), request("GET", &format!("/{app}{path}"))).await;
            if is_built_in(app) {
                is_page(&answer);
            } else {
                is_missing(&answer, &format!("assets/{app}/index.html"));
            }
        }
        let file = send(shop.address(), request("GET", &format!("/{app}/index-BX3kf0aQ.js"))).await;
        is_missing(&file, app);
    }
    let other = send(shop.address(), request("GET", "/shopping")).await;
    is_missing(&other, "no such path");
}

fn is_page(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.header("cache-control") == "no-cache" && !answer.header("etag").is_empty(), "{answer:?}");
    assert!(answer.header("content-security-policy").contains("'self'"), "{answer:?}");
}

fn is_missing(answer: &Answer, named: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (404, "application/json"),
        "{answer:?}"
    );
    let status: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(status["message"].as_str().unwrap().contains(named), "{status}");
}
