//! What the kit's tests share.

use std::{future::Future, time::Duration};

/// Polls a condition until it holds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let polling = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), polling).await.is_ok(), "never happened: {what}");
}
