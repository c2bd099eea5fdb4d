//! Refresh tokens: 256 random bits, of which only a hash is stored. With that much entropy a plain hash is enough.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, hmac, rand::SecureRandom, rand::SystemRandom};
use shopmesh_kit::error::{Error, Result};

/// Marks the token for people and secret scanners.
const PREFIX: &str = "rt_";

/// A new token, for the client alone.
pub fn generate() -> Result<String> {
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random()?)))
}

/// The token that follows `token`: the same each time, so that nothing clear need be kept to give it twice. Who does not
/// have the key cannot tell it from a random one.
pub fn successor(key: &hmac::Key, token: &str) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(hmac::sign(key, token.as_bytes())))
}

/// What is stored of a token: its SHA-256.
pub fn hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

/// 256 random bits.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal(anyhow::anyhow!("the system gave no random bytes")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_their_hash_tells_nothing_of_them() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with(PREFIX) && one.len() == PREFIX.len() + 43);
        assert_eq!(hash(&one), hash(&one.clone()));
        assert_ne!(hash(&one), hash(&other));
    }

    #[test]
    fn a_token_has_one_successor_for_each_key() {
        let key = |byte| hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]);
        let token = generate().unwrap();
        let next = successor(&key(1), &token);
        assert_eq!(next, successor(&key(1), &token));
        assert_eq!(next.len(), token.len());
        assert_ne!(next, successor(&key(2), &token));
        assert_ne!(next, successor(&key(1), &generate().unwrap()));
    }
}
