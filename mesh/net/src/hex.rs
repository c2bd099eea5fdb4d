//! Hexadecimal digits, without the machinery of formatting: ids are written for every request.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes two digits for each byte into `text`, which is as long as that.
pub fn write(bytes: &[u8], text: &mut [u8]) {
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_two_digits() {
        for byte in 0..=u8::MAX {
            let mut text = [0; 2];
            write(&[byte], &mut text);
            assert_eq!(str::from_utf8(&text).unwrap(), format!("{byte:02x}"));
        }
    }
}
