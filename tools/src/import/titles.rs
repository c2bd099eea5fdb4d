//! Readable words from the shouting abbreviations of the source, and codes from those.

/// Longest code of a category, in characters.
const LONGEST_CODE: usize = 127;

/// `FRZN MEAT/MEAT DINNERS` as `Frzn Meat/Meat Dinners`; control characters become spaces. Only its form changes: the
/// abbreviations stay, so that what the source says can still be found.
pub fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        let character = if character.is_control() { ' ' } else { character };
        if inside {
            readable.extend(character.to_lowercase());
        } else {
            readable.push(character);
        }
        inside = character.is_alphanumeric() || character == '\'';
    }
    readable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `length` characters of `text`.
pub fn shortened(text: &str, length: usize) -> String {
    text.chars().take(length).collect::<String>().trim_end().to_owned()
}

/// The code of a category with this title: its ASCII letters and digits in lower case, joined by single hyphens. `None`
/// when there are none.
pub fn code(title: &str) -> Option<String> {
    let title = title.replace('\'', "").to_ascii_lowercase();
    let words = title.split(|character: char| !character.is_ascii_alphanumeric());
    let code = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let code = shortened(&code, LONGEST_CODE).trim_end_matches('-').to_owned();
    (!code.is_empty()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_of_the_form_that_a_category_may_have() {
        for (title, wanted) in [
            ("Ice - Crushed/Cubed", "ice-crushed-cubed"),
            ("Baby's Food (Jar)", "babys-food-jar"),
            ("100% Juice", "100-juice"),
            (" Crème ", "cr-me"),
        ] {
            assert_eq!(code(title).as_deref(), Some(wanted));
        }
        assert_eq!(code("- / -"), None);
        let full = "a".repeat(LONGEST_CODE - 1);
        assert_eq!(code(&format!("{full} b")), Some(full), "it ends with no hyphen");
    }

    #[test]
    fn words_become_readable() {
        assert_eq!(readable("FRZN MEAT/MEAT DINNERS"), "Frzn Meat/Meat Dinners");
        assert_eq!(readable("ICE - CRUSHED/CUBED"), "Ice - Crushed/Cubed");
        assert_eq!(readable("BABY'S  FOOD\t(JAR)"), "Baby's Food (Jar)");
        assert_eq!(readable("100% JUICE"), "100% Juice");
        assert_eq!(readable(""), "");
    }

    #[test]
    fn shortening_keeps_characters_whole() {
        assert_eq!(shortened("crème brûlée", 4), "crèm");
        assert_eq!(shortened("tea pot", 4), "tea");
    }
}
