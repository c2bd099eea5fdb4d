//! Ctrl-C and SIGTERM: the first drains, the second ends at once.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for the first signal. A second one ends the process without waiting for anything.
pub async fn interrupted() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut next = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    next().await;
    tokio::spawn(async move {
        next().await;
        std::process::exit(130);
    });
    Ok(())
}
