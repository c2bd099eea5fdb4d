//! Ids of requests; random, but no secrets.

use shopmesh_net::hex;

/// A random UUID (RFC 9562, version 4).
pub fn request_id() -> String {
    let mut bytes: [u8; 16] = rand::random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = [b'-'; 36];
    for (from, to) in [(0..4, 0..8), (4..6, 9..13), (6..8, 14..18), (8..10, 19..23), (10..16, 24..36)] {
        hex::write(&bytes[from], &mut text[to]);
    }
    str::from_utf8(&text).expect("digits and dashes").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_4_and_differ() {
        let (a, b) = (request_id(), request_id());
        let digits = |id: &str| id.split('-').map(str::len).collect::<Vec<_>>();
        assert_eq!(digits(&a), [8, 4, 4, 4, 12]);
        assert_ne!(a, b);
        assert_eq!((a.len(), &a[14..15]), (36, "4"));
        assert!(matches!(&a[19..20], "8" | "9" | "a" | "b"));
    }
}
