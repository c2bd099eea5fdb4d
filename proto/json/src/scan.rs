//! Finds the bytes of a text that need care.

/// How many bytes at the start of `bytes` come before the first one that `stops`, which must not branch: then sixteen are looked at
/// together, by vector instructions where the machine has them. It stops for no space.
#[inline(always)]
pub fn until(bytes: &[u8], stops: impl Fn(u8) -> bool) -> usize {
    let is_clean = |block: &[u8; 16]| block.iter().fold(0, |any, byte| any | u8::from(stops(*byte))) == 0;
    let (blocks, tail) = bytes.as_chunks::<16>();
    let clean = 16 * blocks.iter().take_while(|block| is_clean(block)).count();
    if clean + tail.len() == bytes.len() {
        let mut last = [b' '; 16];
        last[..tail.len()].copy_from_slice(tail);
        if is_clean(&last) {
            return bytes.len();
        }
    }
    let rest = &bytes[clean..];
    clean + rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len())
}

/// How many bytes at the start of a JSON string's content come before the first quote, backslash or control character. One comes soon
/// in most texts, so its place is read off a mask of eight bytes (after "Bit Twiddling Hacks", "Determine if a word has a byte equal
/// to n", where the lowest byte that is marked is right).
pub fn until_quote(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let equal = |word: u64, byte: u8| {
        let other = word ^ (ONES * u64::from(byte));
        other.wrapping_sub(ONES) & !other & HIGHS
    };
    let (words, tail) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let stops = controls | equal(word, b'"') | equal(word, b'\\');
        if stops != 0 {
            return 8 * at + stops.trailing_zeros() as usize / 8;
        }
    }
    let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes.len() - tail.len() + tail.iter().position(stops).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_is_judged_alone(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            let stops = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
            prop_assert_eq!(until_quote(&bytes), bytes.iter().position(stops).unwrap_or(bytes.len()));
        }
    }

    #[test]
    fn every_place_is_found() {
        for length in 0..70 {
            let clean = vec![b'a'; length];
            assert_eq!(until(&clean, |byte| byte == b'x'), length);
            for at in 0..length {
                let mut text = clean.clone();
                text[at..].fill(b'x');
                assert_eq!(until(&text, |byte| byte == b'x'), at, "{length}");
            }
        }
    }
}
