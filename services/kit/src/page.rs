//! Pages (AIP-158): bounded by count and by bytes, with opaque tokens that belong to one query.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use prost::Message;
use ring::digest;

use crate::error::Error;

/// What a page holds at most: of rows as they are read, and of messages as they are encoded. The edge holds answers of
/// 1 MiB, and JSON takes up to four times as much. Only a single item may be larger; what can be written sees to it
/// that none is.
pub const PAGE_BYTES: usize = 256 * 1024;

const FINGERPRINT_BYTES: usize = 8;

/// What a store read for one page, in the order of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows<T> {
    rows: Vec<T>,
    more: bool,
}

impl<T> Rows<T> {
    /// What the page takes of `rows`, which are read one further than it goes.
    pub(crate) fn cut(mut rows: Vec<T>, size: usize, bytes: impl Fn(&T) -> usize) -> Self {
        let fitting = fitting(rows.iter().map(bytes)).min(size);
        let more = rows.len() > fitting;
        rows.truncate(fitting);
        Self { rows, more }
    }

    /// The rows, each turned by `read`.
    ///
    /// # Errors
    /// The first of `read`.
    pub fn try_map<U, E>(self, read: impl FnMut(T) -> Result<U, E>) -> Result<Rows<U>, E> {
        let rows = self.rows.into_iter().map(read).collect::<Result<_, E>>()?;
        Ok(Rows { rows, more: self.more })
    }

    /// The rows, read on all together by `read`, which keeps their number and order.
    ///
    /// # Errors
    /// Those of `read`.
    pub async fn load<U, E, F>(self, read: impl FnOnce(Vec<T>) -> F) -> Result<Rows<U>, E>
    where
        F: Future<Output = Result<Vec<U>, E>>,
    {
        Ok(Rows { rows: read(self.rows).await?, more: self.more })
    }

    /// The items of the page as `show` makes them of its rows, and the token of the next page: it starts after the
    /// `cursor` of the last row taken and belongs to the query of `fingerprint` (see [`PageToken`]).
    ///
    /// # Errors
    /// The first of `show`.
    pub fn show<M: Message>(
        self,
        fingerprint: &str,
        cursor: impl Fn(&T) -> String,
        show: impl Fn(&T) -> Result<M, Error>,
    ) -> Result<(Vec<M>, String), Error> {
        let mut items = self.rows.iter().map(show).collect::<Result<Vec<M>, Error>>()?;
        let taken = fitting(items.iter().map(Message::encoded_len));
        let more = self.more || taken < items.len();
        items.truncate(taken);
        let last = self.rows[..taken].last().filter(|_| more);
        let next = last.map(|last| PageToken::encode(fingerprint, &cursor(last)));
        Ok((items, next.unwrap_or_default()))
    }

    /// The rows alone, for a reader that asks until there are none.
    pub fn into_vec(self) -> Vec<T> {
        self.rows
    }
}

/// How many of the first `sizes` fit into a page together; one always does.
pub fn fitting(sizes: impl IntoIterator<Item = usize>) -> usize {
    let mut left = PAGE_BYTES;
    let fits = |(index, size): &(usize, usize)| {
        let fits = *size <= left;
        left = left.saturating_sub(*size);
        fits || *index == 0
    };
    sizes.into_iter().enumerate().take_while(fits).count()
}

/// What a List request asks for.
#[derive(Debug)]
pub struct Page {
    /// Rows to read, at most.
    pub size: usize,
    cursor: Option<String>,
    query: String,
}

/// How many items a page has.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// When the request does not say.
    pub default: usize,
    /// However many it asks for.
    pub largest: usize,
}

impl Sizes {
    /// Of most lists.
    pub const STANDARD: Self = Self { default: 50, largest: 1000 };
}

impl Page {
    /// Of a request's `page_size` and `page_token`. `query` is any text of everything that shapes the list: parent,
    /// filter, order, caller.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `page_token` when the token is broken or was given by another query.
    pub fn of(
        page_size: i32,
        page_token: &str,
        sizes: Sizes,
        query: impl Into<String>,
    ) -> Result<Self, Error> {
        let query = query.into();
        let cursor = PageToken::decode(page_token, &query)?;
        Ok(Self { size: clamp(page_size, sizes.default, sizes.largest), cursor, query })
    }

    /// The cursor of the last item of the page before; none for the first page.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The cursor as what it was made of.
    ///
    /// # Errors
    /// INVALID_ARGUMENT naming `page_token` when it is none.
    pub fn parsed_cursor<T: FromStr>(&self) -> Result<Option<T>, Error> {
        self.cursor().map(|cursor| cursor.parse().map_err(|_| broken())).transpose()
    }

    /// The items of the page, and the token of the next one; see [`Rows::show`].
    ///
    /// # Errors
    /// The first of `show`.
    pub fn show<T, M: Message>(
        &self,
        rows: Rows<T>,
        cursor: impl Fn(&T) -> String,
        show: impl Fn(&T) -> Result<M, Error>,
    ) -> Result<(Vec<M>, String), Error> {
        rows.show(&self.query, cursor, show)
    }
}

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
    use proptest::prelude::*;

    use super::*;

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
    fn a_page_takes_what_fits_and_one_at_least() {
        for (sizes, taken) in [
            (vec![], 0),
            (vec![PAGE_BYTES + 1, 1], 1),
            (vec![1, PAGE_BYTES, 1], 1),
            (vec![PAGE_BYTES - 1, 1, 1], 2),
            (vec![0, 0, 0], 3),
        ] {
            assert_eq!(fitting(sizes.clone()), taken, "{sizes:?}");
        }
    }

    #[test]
    fn rows_and_messages_are_both_measured() {
        let show = |rows: Vec<usize>, size, grown: usize| {
            let rows = Rows::cut(rows, size, |bytes| *bytes);
            let text = |bytes: &usize| Ok("x".repeat(bytes * grown));
            let (items, token) = rows.show("q", usize::to_string, text).unwrap();
            (items.len(), PageToken::decode(&token, "q").unwrap())
        };
        assert_eq!(show(vec![1, 2, 3], 3, 1), (3, None));
        assert_eq!(show(vec![1, 2, 3], 2, 1), (2, Some("2".to_owned())), "one more than the page");
        assert_eq!(show(vec![PAGE_BYTES, 7], 5, 1), (1, Some(PAGE_BYTES.to_string())), "large rows");
        assert_eq!(show(vec![9, 8], 5, PAGE_BYTES / 10), (1, Some("9".to_owned())), "large messages");
        assert_eq!(show(vec![PAGE_BYTES + 1], 5, 1), (1, None), "a large one alone");
    }

    #[test]
    fn sizes() {
        assert_eq!(
            (clamp(0, 50, 200), clamp(-1, 50, 200), clamp(7, 50, 200), clamp(900, 50, 200)),
            (50, 50, 7, 200)
        );
    }
}
