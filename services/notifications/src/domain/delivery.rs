//! A delivery and its way to SENT or FAILED.

use std::time::Duration;

use shopmesh_kit::{Backoff, clock::Timestamp};

use super::fact::Variables;
use crate::ids::{DeliveryId, UserId};

/// Tries after which a delivery is given up.
pub const MAX_ATTEMPTS: i64 = 6;
/// Pauses between tries.
const PAUSES: Backoff = Backoff::doubling(Duration::from_secs(1), Duration::from_secs(16));
/// Pause while addresses cannot be asked for, which is no try.
pub const POSTPONEMENT: Duration = Duration::from_secs(2);

/// Way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Email,
}

/// State of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its first or next try.
    Queued,
    /// Handed over.
    Sent,
    /// Given up.
    Failed,
}

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name.
    pub id: DeliveryId,
    /// Who is told.
    pub recipient: UserId,
    /// Way it travels.
    pub channel: Channel,
    /// Id of its template.
    pub template: String,
    /// What it is about.
    pub subject_resource: String,
    /// Values of the template's variables.
    pub variables: Variables,
    /// State.
    pub state: State,
    /// Tries so far.
    pub attempts: i64,
    /// Why the last try failed; empty otherwise. Names nobody.
    pub last_error: String,
    /// When to try next.
    pub due: Timestamp,
    /// When it was queued.
    pub created: Timestamp,
    /// When it was sent.
    pub sent: Option<Timestamp>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Handed to the mail server or written to the mail folder.
    Sent,
    /// May work later.
    Retry(String),
    /// Will never work.
    Refused(String),
    /// Could not be tried: nobody could be asked for the address.
    Postponed(String),
}

impl Delivery {
    /// What the outcome of a try makes of it.
    pub fn settled(mut self, outcome: Outcome, now: Timestamp) -> Self {
        match outcome {
            Outcome::Sent => {
                self.state = State::Sent;
                self.attempts += 1;
                self.sent = Some(now);
                self.last_error = String::new();
            }
            Outcome::Refused(problem) => {
                self.state = State::Failed;
                self.attempts += 1;
                self.last_error = problem;
            }
            Outcome::Retry(problem) => {
                self.attempts += 1;
                self.last_error = problem;
                if self.attempts >= MAX_ATTEMPTS {
                    self.state = State::Failed;
                } else {
                    self.due = now + PAUSES.after(u32::try_from(self.attempts - 1).unwrap_or(0));
                }
            }
            Outcome::Postponed(problem) => {
                self.last_error = problem;
                self.due = now + POSTPONEMENT;
            }
        }
        self
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn queued() -> Delivery {
        Delivery {
            id: DeliveryId::generate(),
            recipient: UserId::generate(),
            channel: Channel::Email,
            template: "welcome".to_owned(),
            subject_resource: String::new(),
            variables: Variables::new(),
            state: State::Queued,
            attempts: 0,
            last_error: String::new(),
            due: Timestamp(0),
            created: Timestamp(0),
            sent: None,
        }
    }

    #[test]
    fn six_tries_with_doubling_pauses() {
        let mut delivery = queued();
        let mut pauses = Vec::new();
        for _ in 0..MAX_ATTEMPTS {
            assert_eq!(delivery.state, State::Queued);
            let now = delivery.due;
            delivery = delivery.settled(Outcome::Retry("busy".to_owned()), now);
            pauses.push(delivery.due.since(now).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 0]);
        assert_eq!((delivery.state, delivery.attempts), (State::Failed, 6));
    }

    #[test]
    fn a_postponement_is_no_try() {
        let mut delivery = queued();
        for _ in 0..100 {
            delivery = delivery.settled(Outcome::Postponed("identity is away".to_owned()), Timestamp(0));
        }
        assert_eq!((delivery.state, delivery.attempts), (State::Queued, 0));
        delivery = delivery.settled(Outcome::Sent, Timestamp(5));
        assert_eq!((delivery.state, delivery.attempts, delivery.sent), (State::Sent, 1, Some(Timestamp(5))));
        assert_eq!(delivery.last_error, "");
    }

    #[test]
    fn a_refusal_is_final() {
        let mut delivery = queued();
        delivery = delivery.settled(Outcome::Refused("no such mailbox".to_owned()), Timestamp(0));
        assert_eq!((delivery.state, delivery.attempts), (State::Failed, 1));
    }
}
