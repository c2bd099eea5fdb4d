//! The pages in a real browser: the landing page shows the live status, `/docs` shows the API and can call it.

use crate::support::Shop;
use std::{path::Path, process::Command};

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
