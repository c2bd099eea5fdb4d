//! Readable codes made from titles.

use shopmesh_kit::error::{Error, Result};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::product::Product;

/// Longest code the contract allows.
const MAX_LENGTH: usize = 127;

/// The codes to try for `product`, best first: its own, if it has one; or else its title; with some characters that belong
/// to this title of this seller, so that a repeated request comes to the same; and with its id, which nobody else has. The
/// first is `product` when nothing of the title is left.
pub fn candidates(product: &Product) -> Vec<String> {
    if !product.code.is_empty() {
        return vec![product.code.clone()];
    }
    let title = slug(&product.content.title).unwrap_or_else(|| "product".to_owned());
    let with = |suffix: &str| {
        let room = title.len().min(MAX_LENGTH - 1 - suffix.len());
        format!("{}-{suffix}", title[..room].trim_end_matches('-'))
    };
    let own = with(&tag(&[&product.seller, &product.content.title]));
    let unique = with(&product.id.as_str().to_ascii_lowercase().replace('_', "-"));
    vec![title, own, unique]
}

/// The first of `candidates` that is free, where `known` are the products that have one of them.
///
/// # Errors
/// ALREADY_EXISTS when none is free, or when one before it is held by the same title of the same seller: that is a repeated
/// request, which makes no second product.
pub fn choose(product: &Product, candidates: &[String], known: &[Product]) -> Result<String> {
    let holder = |code: &String| known.iter().find(|known| known.code == *code);
    let is_repeated =
        |known: &Product| known.seller == product.seller && known.content.title == product.content.title;
    let decisive = candidates.iter().find(|code| holder(code).is_none_or(is_repeated));
    let code = decisive.or(candidates.last()).unwrap_or(&product.code);
    match holder(code) {
        None => Ok(code.clone()),
        Some(taken) => {
            let problem = format!("has the code `{code}` already; choose another `code`");
            Err(Error::already_exists(&taken.id.name(), problem))
        }
    }
}

/// Eight characters that tell `texts` apart (FNV-1a).
fn tag(texts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.join("\n").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

/// A code such as `earl-grey-loose` for `Earl Grey, loose` and `chai` for `Чай`: lower-case ASCII letters and digits
/// joined by single hyphens. `None` when the title has no letter and no digit.
pub fn slug(title: &str) -> Option<String> {
    let mut code = String::with_capacity(title.len());
    for character in title.nfkc() {
        let mut ascii = [0; 4];
        let latin = if character.is_ascii() {
            &*character.encode_utf8(&mut ascii)
        } else if character.is_alphanumeric() {
            deunicode::deunicode_char(character).unwrap_or(" ")
        } else if is_combining_mark(character)
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '’')
        {
            ""
        } else {
            " "
        };
        for character in latin.chars().filter(|character| *character != '\'') {
            if character.is_ascii_alphanumeric() {
                code.push(character.to_ascii_lowercase());
            } else if !code.is_empty() && !code.ends_with('-') {
                code.push('-');
            }
        }
    }
    code.truncate(MAX_LENGTH);
    let code = code.trim_end_matches('-');
    (!code.is_empty()).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_become_readable_codes() {
        assert_eq!(slug("Earl Grey, loose").as_deref(), Some("earl-grey-loose"));
        assert_eq!(slug("Crème brûlée (4 × 100 g)").as_deref(), Some("creme-brulee-4-100-g"));
        assert_eq!(slug("Farmer's Milk").as_deref(), Some("farmers-milk"));
        assert_eq!(slug("!!!"), None);
    }

    #[test]
    fn other_scripts_are_written_in_latin_letters() {
        for (title, code) in [
            ("Łódź", "lodz"),
            ("Straße", "strasse"),
            ("Чай Earl Grey", "chai-earl-grey"),
            ("緑茶", "lu-cha"),
            ("녹차", "nogca"),
            ("L’été–doux", "lete-doux"),
            ("ＦＵＬＬ　１", "full-1"),
            ("Cafe\u{301}", "cafe"),
        ] {
            assert_eq!(slug(title).as_deref(), Some(code), "{title}");
        }
        assert!(slug("شاي").is_some());
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
