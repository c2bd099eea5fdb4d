//! Text of requests by its kind (`shopmesh.policy.v1.TextKind`, which says what each kind is): brought into one form, then
//! checked.

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{pattern::Pattern, regions::is_region, text_kind::TextKind};

/// Brings `text` into the form of its kind.
pub(super) fn normalize(text: &mut String, kind: TextKind) {
    match kind {
        TextKind::Line | TextKind::Email => {
            compose(text);
            trim(text, |letter| is_space(letter) && !is_line_break(letter));
        }
        TextKind::Block => {
            unify_line_ends(text);
            compose(text);
            trim(text, is_space);
        }
        TextKind::Query | TextKind::Password => compose(text),
        TextKind::Uuid => text.make_ascii_lowercase(),
        TextKind::Region | TextKind::Token | TextKind::Pattern => {}
    }
    if matches!(kind, TextKind::Line | TextKind::Block | TextKind::Email) && text.chars().all(shows_nothing) {
        text.clear();
    }
}

/// What is wrong with text that is in form. Whether it may be empty is for `min_len` to say; a UUID never is.
pub(super) fn problem(text: &str, kind: TextKind) -> Option<&'static str> {
    let must = |holds: bool, problem| (!holds).then_some(problem);
    match kind {
        TextKind::Line => unprintable(text, |_| false)
            .then_some("must be one line without control characters")
            .or_else(|| direction_problem(text)),
        TextKind::Block => unprintable(text, |letter| matches!(letter, '\n' | '\t'))
            .then_some("must not contain control characters")
            .or_else(|| direction_problem(text)),
        TextKind::Query => {
            must(!unprintable(text, char::is_whitespace), "must not contain control characters")
        }
        TextKind::Password => must(!unprintable(text, |_| false), "must not contain control characters"),
        TextKind::Email => {
            must(text.is_empty() || is_email(text), "must be an e-mail address such as ada@example.com")
        }
        TextKind::Region => {
            must(text.is_empty() || is_region(text), "must be an ISO 3166-1 alpha-2 code such as GB")
        }
        TextKind::Token => must(is_token(text), "must be printable ASCII without spaces around it"),
        TextKind::Uuid => must(is_uuid(text), "must be a UUID such as 7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        TextKind::Pattern => None,
    }
}

/// Unicode normalization form C (UAX 15).
fn compose(text: &mut String) {
    if !text.is_ascii() && is_nfc_quick(text.chars()) != IsNormalized::Yes {
        *text = text.nfc().collect();
    }
}

fn trim(text: &mut String, outer: impl Fn(char) -> bool) {
    let kept = text.trim_matches(outer);
    if kept.len() < text.len() {
        *text = kept.to_owned();
    }
}

/// Every line end of the Unicode Standard (5.8, "Newline Guidelines") but vertical tab and form feed becomes LF.
fn unify_line_ends(text: &mut String) {
    const OTHER_ENDS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];
    if text.contains(OTHER_ENDS) {
        *text = text.replace("\r\n", "\n").replace(OTHER_ENDS, "\n");
    }
}

fn is_line_break(letter: char) -> bool {
    matches!(letter, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// White space, also of no width.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// White space, what renderers leave out when they do not know it (UAX 44, Default_Ignorable_Code_Point), and symbols that are
/// blank by their shape: an empty braille cell, a note without a head, a filler of Khitan.
fn shows_nothing(letter: char) -> bool {
    letter.is_whitespace()
        || (!letter.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter))
        || matches!(letter, '\u{2800}' | '\u{1D159}' | '\u{16FE4}')
}

/// Whether `text` has control characters or Unicode's line and paragraph separators, other than those `allowed`.
fn unprintable(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    let refused = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    text.chars().any(|letter| refused(letter) && !allowed(letter))
}

/// Directional formatting (UAX 9) that reaches beyond the text, or shows letters in another order than they are written.
fn direction_problem(text: &str) -> Option<&'static str> {
    if text.is_ascii() {
        return None;
    }
    if text.contains(['\u{202D}', '\u{202E}']) {
        return Some("must not contain directional overrides");
    }
    // A paragraph ends them, so that each line stands for itself.
    text.split('\n')
        .any(leaves_direction_open)
        .then_some("must close its directional embeddings and isolates")
}

fn leaves_direction_open(line: &str) -> bool {
    let (mut embeddings, mut isolates) = (0_usize, 0_usize);
    for letter in line.chars() {
        match letter {
            '\u{202A}' | '\u{202B}' => embeddings += 1,
            '\u{202C}' => embeddings = embeddings.saturating_sub(1),
            '\u{2066}'..='\u{2068}' => isolates += 1,
            '\u{2069}' => isolates = isolates.saturating_sub(1),
            _ => {}
        }
    }
    embeddings + isolates > 0
}

fn is_token(text: &str) -> bool {
    text.trim_ascii() == text && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// The shape that browsers accept (HTML, "valid e-mail address"), with at least one dot in the domain, and letters outside of
/// ASCII where RFC 6531 has them. Which of them make a domain is for IDNA to say.
fn is_email(text: &str) -> bool {
    static ASCII: Pattern = Pattern::new(
        r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$",
    );
    if text.is_ascii() {
        return ASCII.is_match(text);
    }
    let is_atom = |letter: char| {
        letter.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(letter) || is_letter_abroad(letter)
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || is_letter_abroad(letter))
    };
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        // UTS 46, 4.5: the full stops of other scripts.
        let mut labels = domain.split(['.', '\u{3002}', '\u{FF0E}', '\u{FF61}']);
        (1..=64).contains(&local.len())
            && local.chars().all(is_atom)
            && labels.clone().count() > 1
            && labels.all(is_label)
    })
}

/// Outside of ASCII, and something that shows.
fn is_letter_abroad(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_control() && !shows_nothing(letter)
}

/// RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;
