//! Sign-in addresses, compared without regard to case or Unicode form.

use std::fmt;

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use shopmesh_kit::error::{Error, Result};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection};

/// RFC 5321, 4.5.3.1.1 and 4.5.3.1.3 (a path less its angle brackets), bytes.
const MAX_LOCAL: usize = 64;
const MAX_ADDRESS: usize = 254;

/// A normalized address: what stands before the `@` in lower case and composed form, the domain in ASCII (A-labels, RFC 5890), which is
/// the one form that every mail server takes and nobody mistakes for another. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Normalizes an address given in `field`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `field` when it is no address.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let refuse = |problem: &str| Err(Error::invalid(field, problem));
        let Some((local, domain)) = text.rsplit_once('@') else {
            return refuse("must have the form name@example.com");
        };
        if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return refuse("contains white space; remove it");
        }
        let local = lower(local);
        let Some(domain) = ascii_domain(domain) else {
            return refuse("must have a domain such as example.com after the @");
        };
        if local.is_empty() || local.contains('@') {
            return refuse("must have the form name@example.com");
        }
        if local.len() > MAX_LOCAL || local.len() + 1 + domain.len() > MAX_ADDRESS {
            return refuse("is too long: at most 64 bytes before the @ and 254 in all");
        }
        if !is_plain(&local) {
            return refuse(
                "has letters before the @ that are easily taken for others; use those of one script",
            );
        }
        Ok(Self(format!("{local}@{domain}")))
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

/// Lower case in composed form.
fn lower(text: &str) -> String {
    // Lower case can be decomposed.
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// The domain in ASCII: as it is but for its case, or by UTS 46 (which holds RFC 5891), so that `bücher.example` and
/// `xn--bcher-kva.example` are one.
fn ascii_domain(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        let labels_are_full = !domain.split('.').any(str::is_empty);
        return labels_are_full.then(|| domain.to_ascii_lowercase());
    }
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let ascii = Uts46::new().to_ascii(domain.as_bytes(), deny, hyphens, DnsLength::Verify).ok()?;
    Some(ascii.into_owned())
}

/// Whether what is outside of ASCII is made of letters that names are written in (UTS 39, "Allowed"; nothing invisible, no full-width or
/// other look of a letter), and of no mix with a script whose letters look like others ("Moderately Restrictive").
fn is_plain(local: &str) -> bool {
    if local.is_ascii() {
        return true;
    }
    let letters: String = local.chars().filter(|letter| !letter.is_ascii_punctuation()).collect();
    letters.chars().all(GeneralSecurityProfile::identifier_allowed)
        && letters.check_restriction_level(RestrictionLevel::ModeratelyRestrictive)
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_unicode_form_do_not_matter() {
        let plain = Email::parse("email", "zoë@example.com").unwrap();
        for same in ["ZOË@Example.COM", "zoe\u{308}@example.com", "ZOE\u{308}@EXAMPLE.com"] {
            assert_eq!(Email::parse("email", same).unwrap(), plain, "{same}");
        }
        assert!(!format!("{plain:?}").contains("example"));
    }

    #[test]
    fn domains_are_compared_in_ascii() {
        let same = |one: &str, others: &[&str]| {
            for other in others {
                assert_eq!(Email::parse("email", other).unwrap().as_str(), one, "{other}");
            }
        };
        same(
            "ada@xn--bcher-kva.example",
            &[
                "ada@bücher.example",
                "Ada@BÜCHER.example",
                "ada@bu\u{308}cher.example",
                "ada@XN--bcher-kva.Example",
            ],
        );
        same("用户@xn--fsqu00a.xn--4rr70v", &["用户@例子.广告", "用户@例子。广告"]);
        same("a@xn--strae-oqa.de", &["a@straße.de"]);
        same("a@example.com", &["a@ｅｘａｍｐｌｅ．ｃｏｍ"]);
        for bad in [
            "a@-ü.de",
            "a@ü_.de",
            "a@ü..de",
            "a@\u{200B}.de",
            "a@xn--a.ü",
            &format!("a@{}.de", "ü".repeat(64)),
        ] {
            assert!(Email::parse("email", bad).is_err(), "{bad}");
        }
    }

    /// What an account was opened with before letters outside of ASCII were taken.
    #[test]
    fn ascii_addresses_keep_their_form() {
        for (given, kept) in [
            ("Ada.Lovelace+Shop@Example.COM", "ada.lovelace+shop@example.com"),
            ("..!#$%&'*+/=?^_`{|}~-@a-b.c-d.e", "..!#$%&'*+/=?^_`{|}~-@a-b.c-d.e"),
            ("a@XN--zzzzzzz.example", "a@xn--zzzzzzz.example"),
            ("a@a--b.co", "a@a--b.co"),
        ] {
            assert_eq!(Email::parse("email", given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn letters_that_look_like_others_are_refused() {
        for good in ["δοκιμή", "josé.garcía", "почта", "अजय", "田中taro", "علی", "정우", "почта+магазин1"]
        {
            assert!(Email::parse("email", &format!("{good}@example.com")).is_ok(), "{good}");
        }
        for bad in [
            "\u{430}da",   // Cyrillic a.
            "\u{3BF}tto",  // Greek omicron.
            "ａｄａ",      // Full width.
            "ﬁnn",         // A ligature.
            "zo\u{200D}ë", // Joiner.
            "zo\u{AD}ë",   // Soft hyphen.
            "\u{202E}ada",
            "ad\u{2800}a",
        ] {
            assert!(Email::parse("email", &format!("{bad}@example.com")).is_err(), "{bad:?}");
        }
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
        fn normalizing_twice_changes_nothing(local in "\\PC{1,20}", domain in "[a-zA-ZäİΣß]{1,10}\\.[a-z]{2,5}") {
            if let Ok(once) = Email::parse("email", &format!("{local}@{domain}")) {
                prop_assert_eq!(Email::parse("email", once.as_str()).unwrap(), once);
            }
        }
    }
}
