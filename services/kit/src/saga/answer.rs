//! What the answer to a saga's call means.

use std::fmt::Debug;

use tonic::{Code, Status};

/// An outcome of a call that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T = (), R = ()> {
    /// It is done, now or by an earlier attempt.
    Done(T),
    /// The peer refused for good.
    Refused(R),
    /// Nothing that says whether it took effect, or will.
    NoAnswer,
}

impl<T, R> Answer<T, R> {
    /// What `answer` to the call of `step` means for the saga `id`; `refusal` reads why a peer refused.
    pub fn of(
        id: &str,
        step: impl Debug,
        answer: Result<T, Status>,
        refusal: impl FnOnce(&Status) -> R,
    ) -> Self {
        let status = match answer {
            Ok(done) => return Self::Done(done),
            Err(status) => status,
        };
        let (code, message) = (status.code(), status.message());
        if is_definite(code) {
            // An everyday end, such as too little stock.
            tracing::info!(id, ?step, ?code, message, "a saga's step was refused");
            return Self::Refused(refusal(&status));
        }
        tracing::warn!(id, ?step, ?code, message, "a saga's step was not answered");
        Self::NoAnswer
    }
}

/// Whether a refusal is the peer's decision about this very request, so that repeating it cannot help.
fn is_definite(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::NotFound
            | Code::AlreadyExists
            | Code::OutOfRange
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_decision_of_the_peer_is_a_refusal() {
        let answer = |code| Answer::of("a", 1, Err::<(), _>(Status::new(code, "")), Status::code);
        assert_eq!(answer(Code::FailedPrecondition), Answer::Refused(Code::FailedPrecondition));
        for code in [Code::Unavailable, Code::DeadlineExceeded, Code::Internal, Code::Aborted, Code::Unknown]
        {
            assert_eq!(answer(code), Answer::NoAnswer, "{code:?}");
        }
        assert_eq!(Answer::of("a", 1, Ok(7), Status::code), Answer::Done(7));
    }
}
