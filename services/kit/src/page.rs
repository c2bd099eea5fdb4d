//! Pages (AIP-158): sizes, and opaque tokens that belong to one query.

use crate::error::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;

const FINGERPRINT_BYTES: usize = 8;

/// The page size to use: `default` for 0 (or less), at most `max`.
pub fn clamp(page_size: i32, default: usize, max: usize) -> usize {
    match usize::try_from(page_size) {
        Ok(0) | Err(_) => default.min(max),
        Ok(asked) => asked.min(max),
    }
}

/// Codec of page tokens: where the next page starts, bound to the query that gave it.
#[derive(Debug)]
pub struct PageToken;

impl PageToken {
    /// The token of the page after `cursor`. `query_fingerprint` is any text of everything that shapes the list:
    /// parent, filter, order, caller.
    pub fn encode(query_fingerprint: &str, cursor: &str) -> String {
        let mut bytes = fingerprint(query_fingerprint).to_vec();
        bytes.extend_from_slice(cursor.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor in `token`; `None` for the empty token of a first page.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `page_token` when the token is broken or was given by another query.
    pub fn decode(token: &str, query_fingerprint: &str) -> Result<Option<String>, Error> {
        if token.is_empty() {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| broken())?;
        let (bound_to, cursor) = bytes.split_at_checked(FINGERPRINT_BYTES).ok_or_else(broken)?;
        if bound_to != fingerprint(query_fingerprint) {
            return Err(Error::invalid(
                "page_token",
                "belongs to another query; keep filter, order and parent the same while paging",
            ));
        }
        String::from_utf8(cursor.to_vec()).map(Some).map_err(|_| broken())
    }
}

fn broken() -> Error {
    Error::invalid("page_token", "is not a token this method gave; leave it empty for the first page")
}

fn fingerprint(query: &str) -> [u8; FINGERPRINT_BYTES] {
    let digest = digest::digest(&digest::SHA256, query.as_bytes());
    let mut first = [0; FINGERPRINT_BYTES];
    first.copy_from_slice(&digest.as_ref()[..FINGERPRINT_BYTES]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn round_trip(query in ".*", cursor in ".*") {
            let token = PageToken::encode(&query, &cursor);
            prop_assert_eq!(PageToken::decode(&token, &query).unwrap(), Some(cursor));
        }

        #[test]
        fn any_text_is_answered_without_panic(token in ".*") {
            let _ = PageToken::decode(&token, "q");
        }
    }

    #[test]
    fn a_token_of_another_query_is_refused() {
        let token = PageToken::encode("filter=a", "17");
        assert!(PageToken::decode(&token, "filter=b").is_err());
        assert_eq!(PageToken::decode("", "filter=b").unwrap(), None);
    }

    #[test]
    fn sizes() {
        assert_eq!(
            (clamp(0, 50, 200), clamp(-1, 50, 200), clamp(7, 50, 200), clamp(900, 50, 200)),
            (50, 50, 7, 200)
        );
    }
}
