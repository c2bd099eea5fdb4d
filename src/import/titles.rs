//! Readable words from the shouting abbreviations of the source.

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

#[cfg(test)]
mod tests {
    use super::*;

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
