//! What every text a person may write has to satisfy.

use shopmesh_kit::error::{Error, Result};
use unicode_normalization::is_nfc;

/// Accepts one line of text: composed form (NFC), no control characters.
///
/// # Errors
/// INVALID_ARGUMENT naming `field`.
pub fn check_line(field: &str, text: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "contains a control character; remove it"));
    }
    if !is_nfc(text) {
        return Err(Error::invalid(field, "is not in Unicode normal form C; normalise it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_composed_line() {
        assert!(check_line("display_name", "Zoë 王").is_ok());
        assert!(check_line("display_name", "Zoe\u{308}").is_err());
        for injected in ["a\r\nBcc: b", "a\u{0}", "a\u{85}b"] {
            assert!(check_line("display_name", injected).is_err(), "{injected:?}");
        }
    }
}
