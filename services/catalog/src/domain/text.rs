//! What every text a person may write has to satisfy.

use shopmesh_kit::error::{Error, Result};
use unicode_normalization::is_nfc;

/// Accepts one line of text: composed form (NFC), no control characters.
pub fn check_line(field: &str, text: &str) -> Result<()> {
    check(field, text, |_| false)
}

/// Accepts text of several lines: as `check_line`, but for line feeds and tabs.
pub fn check_lines(field: &str, text: &str) -> Result<()> {
    check(field, text, |character| matches!(character, '\n' | '\t'))
}

fn check(field: &str, text: &str, allowed: impl Fn(char) -> bool) -> Result<()> {
    if text.chars().any(|character| character.is_control() && !allowed(character)) {
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
    fn lines_take_line_feeds_but_nothing_else_invisible() {
        assert!(check_line("title", "Crème brûlée").is_ok());
        assert!(check_line("title", "two\nlines").is_err());
        assert!(check_lines("description", "two\nlines\tand a tab").is_ok());
        assert!(check_lines("description", "bell\u{7}").is_err());
    }

    #[test]
    fn decomposed_text_is_refused() {
        assert!(check_line("title", "e\u{301}").is_err());
        assert!(check_line("title", "\u{e9}").is_ok());
    }
}
