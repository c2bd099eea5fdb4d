//! Passwords: what may be chosen (NIST SP 800-63B, 5.1.1.2: length and a list of bad ones, no composition rules).

use std::{collections::HashSet, sync::LazyLock};

use shopmesh_kit::error::{Error, Result};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::email::Email;

const MIN_CHARACTERS: usize = 8;
const MAX_CHARACTERS: usize = 128;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A password in composed form (RFC 8265, 4.2), so that it is the same from every keyboard. Wiped after use; has no
/// `Debug`.
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password to try.
    pub fn attempt(text: &str) -> Self {
        Self(Zeroizing::new(text.nfc().collect()))
    }

    /// A password to set for the account of `email`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `password` and what to choose instead.
    pub fn choose(text: &str, email: &Email) -> Result<Self> {
        let password = Self::attempt(text);
        let refuse = |problem: &str| Err(Error::invalid_reason("PASSWORD_REFUSED", "password", problem));
        if !(MIN_CHARACTERS..=MAX_CHARACTERS).contains(&password.0.chars().count()) {
            return refuse("must have 8 to 128 characters");
        }
        if password.0.chars().any(char::is_control) {
            return refuse("contains a control character; remove it");
        }
        let lower = Zeroizing::new(password.0.to_lowercase());
        if *lower == email.as_str() || *lower == email.local_part() {
            return refuse("is your e-mail address; choose another one");
        }
        if COMMON.contains(lower.as_str()) {
            return refuse("is one of the most common passwords; choose another one");
        }
        Ok(password)
    }

    /// What is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password> {
        Password::choose(text, &Email::parse("email", "ann.example@example.com").unwrap())
    }

    #[test]
    fn policy() {
        let longest = "ä".repeat(128);
        for good in ["correct horse battery", "ünïcödéä", &longest] {
            assert!(choose(good).is_ok(), "{good:?}");
        }
        let too_long = "a".repeat(129);
        for bad in [
            "short",
            "",
            "PASSWORD123",
            "Qwertyuiop",
            "ann.example",
            "ünïcödé",
            "Ann.Example@example.com",
            "nul\0in the middle",
            &too_long,
        ] {
            assert!(choose(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unicode_forms_are_one_password() {
        let (composed, decomposed) =
            (Password::attempt("crème brûlée"), Password::attempt("cre\u{300}me bru\u{302}le\u{301}e"));
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn the_list_is_lower_case_and_long_enough_to_matter() {
        assert!(COMMON.len() > 100);
        for common in COMMON.iter() {
            assert_eq!(*common, common.to_lowercase());
            assert!(common.chars().count() >= MIN_CHARACTERS, "{common} is refused by its length already");
        }
    }
}
