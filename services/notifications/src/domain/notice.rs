//! What an event has to say to a person.

use shopmesh_kit::error::Result;

use super::{
    delivery::Channel,
    fact::{Fact, Variables},
};
use crate::ids::UserId;

/// What an event says to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who is told.
    pub recipient: UserId,
    /// Way it travels.
    pub channel: Channel,
    /// Id of the template.
    pub template: &'static str,
    /// What it is about, such as `orders/…`.
    pub subject_resource: String,
    /// Values of the template's variables.
    pub variables: Variables,
}

impl Notice {
    /// A notice to `recipient`; `None` when that is no person with an account.
    pub fn to(recipient: &str, template: &'static str, about: &str) -> Option<Self> {
        let recipient = UserId::parse(recipient).ok()?;
        let (channel, variables) = (Channel::Email, Variables::new());
        Some(Self { recipient, channel, template, subject_resource: about.to_owned(), variables })
    }

    /// Adds what the message says.
    ///
    /// # Errors
    /// INTERNAL as [`Fact::text`].
    pub fn with(mut self, fact: &Fact<'_>) -> Result<Self> {
        self.variables.insert(fact.variable().to_owned(), fact.text()?);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_are_written_to() {
        let user = UserId::generate();
        assert_eq!(Notice::to(&user.name(), "welcome", "x").unwrap().recipient, user);
        for nobody in ["", "users/me", "guests/g1", "anonymous"] {
            assert_eq!(Notice::to(nobody, "welcome", "x"), None, "{nobody}");
        }
    }
}
