//! Randomness for request ids and for sampling by percentage; not for secrets.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// Each `RandomState` has keys of its own, seeded by the operating system.
fn random_u64() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A uniform number.
pub fn random_u32() -> u32 {
    u32::try_from(random_u64() >> 32).expect("32 bits are left")
}

/// A random UUID (RFC 9562, version 4).
pub fn request_id() -> String {
    let bits = (u128::from(random_u64()) << 64) | u128::from(random_u64());
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_4_and_differ() {
        let (a, b) = (request_id(), request_id());
        assert_ne!(a, b);
        assert_eq!((a.len(), &a[14..15]), (36, "4"));
        assert!(matches!(&a[19..20], "8" | "9" | "a" | "b"));
    }
}
