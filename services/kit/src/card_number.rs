//! Card numbers (PANs) have no business in a shop: they are refused wherever a payment provider's token is expected.

/// Whether text holds 13 to 19 digits, however spaced, that pass the Luhn check (ISO/IEC 7812-1, annex B).
pub fn looks_like_one(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .map(|letter| letter.to_digit(10))
        .collect();
    let Some(digits) = digits.filter(|digits| (13..=19).contains(&digits.len())) else { return false };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_tokens() {
        for number in ["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005", "6304000000000000"] {
            assert!(looks_like_one(number), "{number}");
        }
        for token in [
            "tok_approve",
            "tok_4242424242424242",
            "4242424242424243",
            "4242424242424241",
            "123456789012",
            "424242424242",
            "",
            "４２４２424242424242",
        ] {
            assert!(!looks_like_one(token), "{token}");
        }
    }
}
