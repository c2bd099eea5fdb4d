//! What the contracts promise, tried out for every RPC of them: who may call, what a repeat does, what is refused.

pub mod caller;
pub mod examples;
pub mod expected;
mod fuzz;
mod graph;
mod ledger;
pub mod promises;
pub mod world;

use std::{env, fs, path::Path};

/// Compares a text with a committed one; `UPDATE_GOLDEN=1` writes it anew.
fn assert_golden(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract").join(file);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, committed, "{file} is not current: look at it, then UPDATE_GOLDEN=1 writes it");
}
