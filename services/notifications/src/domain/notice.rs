//! A wish to tell a person something.

use std::collections::BTreeMap;

use crate::ids::UserId;

/// Values of a template's variables. No personal data: that is asked for when the message is sent.
pub type Variables = BTreeMap<String, String>;

/// What an event says to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who is told.
    pub recipient: UserId,
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
        Some(Self { recipient, template, subject_resource: about.to_owned(), variables: Variables::new() })
    }

    /// Adds a value of one line: what others wrote must not become a header or a paragraph of ours.
    #[must_use]
    pub fn with(self, variable: &str, value: &str) -> Self {
        self.with_lines(variable, [value.to_owned()])
    }

    /// Adds a value of several lines.
    #[must_use]
    pub fn with_lines(mut self, variable: &str, lines: impl IntoIterator<Item = String>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(|line| one_line(&line)).collect();
        self.variables.insert(variable.to_owned(), lines.join("\n"));
        self
    }
}

/// `text` with each control character replaced by a space.
pub fn one_line(text: &str) -> String {
    text.replace(
        |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_accounts_are_written_to() {
        let user = UserId::generate();
        assert_eq!(Notice::to(&user.name(), "welcome", "x").unwrap().recipient, user);
        for nobody in ["", "users/me", "guests/g1", "anonymous"] {
            assert_eq!(Notice::to(nobody, "welcome", "x"), None, "{nobody}");
        }
    }

    proptest! {
        #[test]
        fn values_stay_on_their_line(value in any::<String>()) {
            let notice = Notice::to(&UserId::generate().name(), "t", "x").unwrap().with("v", &value);
            prop_assert!(!notice.variables["v"].chars().any(char::is_control));
        }
    }
}
