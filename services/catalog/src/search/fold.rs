//! From text to the words that are indexed and asked for: one folding for both, so that what looks the same is the same.
//!
//! Forms (NFKC), case, accents and points fall away, and so does what is not seen. Scripts that write no spaces between
//! words are cut into pairs of characters.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a document: of a run without spaces every character and every pair.
pub fn words(text: &str) -> Vec<String> {
    cut(text, true)
}

/// The words of a query: of a run without spaces every pair, which all must occur.
pub fn asked(text: &str) -> Vec<String> {
    cut(text, false)
}

fn cut(text: &str, single: bool) -> Vec<String> {
    let mut words = Vec::new();
    let folded = fold(text);
    for word in folded.split(|character: char| !is_part_of_word(character)) {
        for run in runs(word) {
            let characters: Vec<char> = run.chars().collect();
            if !characters.first().copied().is_some_and(is_unspaced) {
                // Marks alone are no word.
                if run.chars().any(char::is_alphanumeric) {
                    words.push(run.to_owned());
                }
                continue;
            }
            words.extend(characters.windows(2).map(String::from_iter));
            if single || characters.len() == 1 {
                words.extend(characters.iter().map(char::to_string));
            }
        }
    }
    words
}

/// Parts of `word` that are written without spaces, and those that are not.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let unspaced = is_unspaced(rest.chars().next()?);
        let differs = |character: char| is_unspaced(character) != unspaced && !is_combining_mark(character);
        let (run, after) = rest.split_at(rest.find(differs).unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// `text` in the one form of everything that counts as the same.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Signs that would become letters of the word before them.
    let text = text.replace(['\u{2122}', '\u{2120}'], " ");
    let mut base = ' ';
    for character in text.nfkd().filter(|character| !is_invisible(*character)) {
        // The breve makes another letter of the Cyrillic и.
        if is_dropped_mark(character) && !(character == '\u{306}' && matches!(base, 'и' | 'И')) {
            continue;
        }
        base = character;
        for lower in character.to_lowercase() {
            push(lower, &mut folded);
        }
    }
    // Syllables of Hangul and voiced Kana come together again; Latin marks are gone.
    folded.nfc().collect()
}

/// Appends what stands for a lower-case `character`.
fn push(character: char, folded: &mut String) {
    match character {
        'ς' => folded.push('σ'),
        // Alef wasla and maksura, teh marbuta, and the letters of Persian and Urdu.
        'ٱ' => folded.push('ا'),
        'ى' | 'ی' => folded.push('ي'),
        'ة' | 'ہ' | 'ە' => folded.push('ه'),
        'ک' => folded.push('ك'),
        // Latin letters that do not decompose: `ø`, `ł`, `ß`, `ı`.
        '\u{80}'..='\u{2af}' if character.is_alphabetic() => match deunicode::deunicode_char(character) {
            Some(ascii) => folded
                .extend(ascii.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase())),
            None => folded.push(character),
        },
        // Katakana as Hiragana.
        '\u{30a1}'..='\u{30f6}' => folded.extend(char::from_u32(u32::from(character) - 0x60)),
        _ => folded.push(digit(character).unwrap_or(character)),
    }
}

/// The ASCII digit of a decimal digit of another script.
fn digit(character: char) -> Option<char> {
    const ZEROS: [u32; 17] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
        0xf20, 0x1040, 0x17e0,
    ];
    let code = u32::from(character);
    let zero = ZEROS.into_iter().find(|zero| (*zero..*zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

fn is_part_of_word(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

/// Marks without which a word is still read: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic. In
/// Indic and other scripts marks are vowels.
fn is_dropped_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}' | '\u{8d3}'..='\u{8ff}')
}

/// What a reader does not see (Default_Ignorable_Code_Point), and the line that only stretches an Arabic word.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of scripts that set no spaces between words, and Hangul, whose words take endings and join others.
fn is_unspaced(character: char) -> bool {
    matches!(character,
        // Thai, Lao, Myanmar, Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, Bopomofo, Han, Yi.
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_document_and_of_a_query() {
        assert_eq!(words("Earl-Grey, 250g"), ["earl", "grey", "250g"]);
        assert_eq!(words("A茶B"), ["a", "茶", "b"]);
        assert_eq!(words("緑茶葉"), ["緑茶", "茶葉", "緑", "茶", "葉"]);
        assert_eq!(asked("緑茶葉 x"), ["緑茶", "茶葉", "x"]);
        assert_eq!(asked("茶"), ["茶"]);
        for none in ["", " \u{200b}", "😀", "% ! \u{301}", "™"] {
            assert!(words(none).is_empty() && asked(none).is_empty(), "{none:?}");
        }
    }
}
