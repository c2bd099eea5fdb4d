//! Life of a payment.

use crate::provider::Answer;
use shopmesh_kit::error::{Error, Result};

/// State of a payment; the numbers are stored and those of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Written down; the provider is being asked.
    Authorising = 1,
    /// The provider's answer is not known.
    Unknown = 2,
    /// Held at the provider.
    Authorised = 3,
    /// Taken.
    Captured = 4,
    /// Refused.
    Failed = 5,
    /// Let go.
    Voided = 6,
}

impl State {
    /// The state of a stored number.
    pub fn from_code(code: i64) -> Result<Self> {
        [Self::Authorising, Self::Unknown, Self::Authorised, Self::Captured, Self::Failed, Self::Voided]
            .into_iter()
            .find(|state| *state as i64 == code)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("no payment state has the code {code}")))
    }

    /// Whether what became of the authorisation is still open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Authorising | Self::Unknown)
    }
}

/// What the answer to an authorisation makes of an open payment, with the provider's code of a refusal. Nothing may
/// be concluded from silence.
pub fn settle(answer: Option<&Answer>) -> (State, &str) {
    match answer {
        Some(Answer::Approved | Answer::Done) => (State::Authorised, ""),
        Some(Answer::Declined(code)) => (State::Failed, code),
        // It never arrived, and every later attempt carries the same key.
        Some(Answer::Unheard) => (State::Unknown, ""),
        Some(Answer::Pending) | None => (State::Unknown, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_settles_nothing() {
        for answer in [None, Some(Answer::Pending), Some(Answer::Unheard)] {
            assert_eq!(settle(answer.as_ref()).0, State::Unknown);
        }
        assert_eq!(settle(Some(&Answer::Approved)), (State::Authorised, ""));
        assert_eq!(settle(Some(&Answer::Declined("x".into()))), (State::Failed, "x"));
    }
}
