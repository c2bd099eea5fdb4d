//! The `date` of answers, written once a second.

use std::{
    cell::RefCell,
    time::{Duration, UNIX_EPOCH},
};

use http::HeaderValue;
use rustls::pki_types::UnixTime;

thread_local! {
    /// A second of Unix time, and how it is written.
    static CACHED: RefCell<(u64, HeaderValue)> = const { RefCell::new((u64::MAX, HeaderValue::from_static(""))) };
}

/// Now, as IMF-fixdate (RFC 9110, 5.6.7).
pub fn now() -> HeaderValue {
    let now = UnixTime::now().as_secs();
    CACHED.with_borrow_mut(|(written, value)| {
        if *written != now {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now));
            *value = HeaderValue::try_from(text).expect("letters, digits, colons and spaces");
            *written = now;
        }
        value.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_todays() {
        let seconds = |time: UnixTime| UNIX_EPOCH + Duration::from_secs(time.as_secs());
        let before = seconds(UnixTime::now());
        let date = now();
        let told = httpdate::parse_http_date(date.to_str().unwrap()).unwrap();
        assert!((before..=seconds(UnixTime::now())).contains(&told));
        assert_eq!(date.len(), "Sun, 06 Nov 1994 08:49:37 GMT".len());
    }
}
