//! Passwords: how they are compared (RFC 8265, 4.2) and what may be chosen (NIST SP 800-63B, 5.1.1.2: length and a list of bad
//! ones, no composition rules).

use std::{collections::HashSet, sync::LazyLock};

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use shopmesh_kit::error::{Error, Result};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::email::Email;

const MIN_CHARACTERS: usize = 8;
const MAX_CHARACTERS: usize = 128;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// A password as it is hashed, the same from every keyboard: the OpaqueString profile of RFC 8265, 4.2.2, in which every space is U+0020, the
/// text is in composed form, and case and width stay. Wiped after use; has no `Debug`.
pub struct Password {
    prepared: Zeroizing<String>,
    /// Without the mapping of spaces, by which it was hashed before there was one; none where that changes nothing.
    unmapped: Option<Zeroizing<String>>,
}

impl Password {
    /// A password to try.
    pub fn attempt(text: &str) -> Self {
        let composed: Zeroizing<String> = Zeroizing::new(text.nfc().collect());
        if !composed.contains(is_other_space) {
            return Self { prepared: composed, unmapped: None };
        }
        let prepared = Zeroizing::new(composed.replace(is_other_space, " "));
        Self { prepared, unmapped: Some(composed) }
    }

    /// A password to set for the account of `email`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `password` and what to choose instead.
    pub fn choose(text: &str, email: &Email) -> Result<Self> {
        let password = Self::attempt(text);
        let refuse = |problem: &str| Err(Error::invalid_reason("PASSWORD_REFUSED", "password", problem));
        if !(MIN_CHARACTERS..=MAX_CHARACTERS).contains(&password.prepared.chars().count()) {
            return refuse("must have 8 to 128 characters");
        }
        if password.prepared.chars().any(is_refused) {
            return refuse("contains a control character or an invisible one; remove it");
        }
        let lower = Zeroizing::new(password.prepared.to_lowercase());
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
        self.prepared.as_bytes()
    }

    /// What a hash of it may be of: `as_bytes`, and what that was for older accounts.
    pub fn candidates(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.as_bytes()).chain(self.unmapped.iter().map(|text| text.as_bytes()))
    }
}

/// A space outside of ASCII (Unicode's category Zs).
fn is_other_space(letter: char) -> bool {
    !letter.is_ascii() && letter.is_whitespace() && !matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Not of the FreeformClass (RFC 8264, 4.3): control characters and what is ignorable. Joiners and variation selectors, and the tags of flags,
/// are taken nevertheless: phones put them into emoji.
fn is_refused(letter: char) -> bool {
    let is_of_emoji =
        matches!(letter, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0020}'..='\u{E007F}');
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}')
        || (!is_of_emoji && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter))
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
        for good in [
            "correct horse battery",
            "ünïcödéä",
            "비밀번호입니다요",
            "👩\u{200D}👩\u{200D}👧 ❤\u{FE0F} tea",
            &longest,
        ] {
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
            "my cat is a \tby",
            "zero\u{200B}width",
            "turned \u{202E}around",
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

    /// RFC 8265, 4.3.
    #[test]
    fn spaces_are_one_and_nothing_else_is_mapped() {
        let prepared = |text: &str| String::from_utf8(Password::attempt(text).as_bytes().to_vec()).unwrap();
        for space in ["\u{A0}", "\u{1680}", "\u{2000}", "\u{2003}", "\u{202F}", "\u{205F}", "\u{3000}"] {
            assert_eq!(prepared(&format!("foo{space}bar")), "foo bar", "{space:?}");
        }
        for same in ["Correct Horse", "πßå", "Jack of ♦s", "ｆｕｌｌ", "ﬁ", " foo "] {
            assert_eq!(prepared(same), same);
        }
        let one = |text: &str| Password::attempt(text).candidates().count();
        assert_eq!((one("foo bar"), one("foo\u{3000}bar")), (1, 2));
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
