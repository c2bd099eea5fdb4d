//! How many retries a destination gets: a fifth of its calls and ten a second, over ten seconds (Finagle's budget).
//! A backend that fails altogether is then asked 1.2 times, not three times.

use std::sync::Mutex;

use tokio::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(10);
const SHARE: f64 = 0.2;
const FLOOR_PER_SECOND: f64 = 10.0;

/// A leaky count of deposits and withdrawals.
#[derive(Debug)]
pub struct RetryBudget(Mutex<State>);

#[derive(Debug)]
struct State {
    balance: f64,
    at: Instant,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Mutex::new(State { balance: 0.0, at: Instant::now() }))
    }
}

impl RetryBudget {
    /// A call was made: a fifth of a retry is earned.
    pub fn deposit(&self) {
        let mut state = self.current();
        state.balance += SHARE;
    }

    /// Takes a retry, if there is one.
    pub fn withdraw(&self) -> bool {
        let mut state = self.current();
        let allowed = state.balance + FLOOR_PER_SECOND * WINDOW.as_secs_f64() >= 1.0;
        if allowed {
            state.balance -= 1.0;
        }
        allowed
    }

    /// The state now: what was earned or spent fades over the window.
    fn current(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.0.lock().expect("nothing panics while it is held");
        let now = Instant::now();
        let fade = (now - state.at).as_secs_f64() / WINDOW.as_secs_f64();
        state.balance *= (1.0 - fade).max(0.0);
        state.at = now;
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn retries_end_when_everything_fails_and_come_back_later() {
        let budget = RetryBudget::default();
        let mut retried = 0;
        for _ in 0..1000 {
            budget.deposit();
            retried += u32::from(budget.withdraw());
        }
        assert!((250..=310).contains(&retried), "{retried}");
        assert!(!budget.withdraw());
        tokio::time::advance(WINDOW).await;
        assert!(budget.withdraw());
    }
}
