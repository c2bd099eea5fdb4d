//! Sign-in addresses, compared without regard to case or Unicode form.

use std::fmt;

use shopmesh_kit::error::{Error, Result};
use unicode_normalization::UnicodeNormalization;

/// RFC 5321, 4.5.3.1.1 and 4.5.3.1.3 (a path less its angle brackets), bytes.
const MAX_LOCAL: usize = 64;
const MAX_ADDRESS: usize = 254;

/// A normalised address: lower case, composed form. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Normalises an address given in `field`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `field` when it is no address.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let lower: String = text.nfc().collect::<String>().to_lowercase();
        // Lower case can be longer, and decomposed.
        let address: String = lower.nfc().collect();
        let refuse = |problem: &str| Err(Error::invalid(field, problem));
        let Some((local, domain)) = address.rsplit_once('@') else {
            return refuse("must have the form name@example.com");
        };
        if address.len() > MAX_ADDRESS || local.len() > MAX_LOCAL {
            return refuse("is too long: at most 64 bytes before the @ and 254 in all");
        }
        if address.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return refuse("contains white space; remove it");
        }
        let labels_are_empty = domain.split('.').any(str::is_empty);
        if local.is_empty() || local.contains('@') || labels_are_empty {
            return refuse("must have the form name@example.com");
        }
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_and_unicode_form_do_not_matter() {
        let plain = Email::parse("email", "zoë@example.com").unwrap();
        for same in ["ZOË@Example.COM", "zoe\u{308}@example.com", "ZOE\u{308}@EXAMPLE.com"] {
            assert_eq!(Email::parse("email", same).unwrap(), plain, "{same}");
        }
        assert!(!format!("{plain:?}").contains("example"));
    }

    #[test]
    fn other_forms_are_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.com", "b".repeat(250));
        for bad in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b@c.d",
            "a@.b",
            "a@b.",
            "a b@c.d",
            "a@b.c\r\nBcc: x@y.z",
            &long,
            &longer,
        ] {
            assert!(Email::parse("email", bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(local in "\\PC{1,20}", domain in "[a-zA-ZäİΣß]{1,10}\\.[a-z]{2,5}") {
            if let Ok(once) = Email::parse("email", &format!("{local}@{domain}")) {
                prop_assert_eq!(Email::parse("email", once.as_str()).unwrap(), once);
            }
        }
    }
}
