//! Readable codes made from titles.

use unicode_normalization::UnicodeNormalization;

/// Longest code the contract allows.
const MAX_LENGTH: usize = 127;

/// A code such as `earl-grey-loose` for `Earl Grey, loose`: lower-case ASCII letters and digits joined by single hyphens.
/// `None` when the title has no letter or digit that ASCII can show.
pub fn slug(title: &str) -> Option<String> {
    let mut code = String::with_capacity(title.len());
    // Compatibility decomposition turns `é` into `e` and an accent, which then falls away.
    for character in title.nfkd() {
        if character.is_ascii_alphanumeric() {
            code.push(character.to_ascii_lowercase());
        } else if character.is_ascii() && !code.is_empty() && !code.ends_with('-') && character != '\'' {
            code.push('-');
        }
        if code.len() == MAX_LENGTH {
            break;
        }
    }
    let code = code.trim_end_matches('-');
    (!code.is_empty()).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_readable_codes() {
        assert_eq!(slug("Earl Grey, loose").as_deref(), Some("earl-grey-loose"));
        assert_eq!(slug("Crème brûlée (4 × 100 g)").as_deref(), Some("creme-brulee-4-100-g"));
        assert_eq!(slug("Farmer's Milk").as_deref(), Some("farmers-milk"));
        assert_eq!(slug("!!!"), None);
        assert_eq!(slug("茶"), None);
    }

    proptest! {
        #[test]
        fn every_slug_is_a_valid_code(title in "\\PC{0,200}") {
            if let Some(code) = slug(&title) {
                prop_assert!(code.len() <= MAX_LENGTH);
                prop_assert!(!code.starts_with('-') && !code.ends_with('-') && !code.contains("--"));
                prop_assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
                prop_assert_eq!(slug(&code), Some(code));
            }
        }
    }
}
