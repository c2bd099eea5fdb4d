//! The `date` of answers, written once a second.

use http::HeaderValue;
use std::{
    cell::RefCell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

thread_local! {
    /// Seconds of Unix time, and how they are written.
    static CACHED: RefCell<(Duration, HeaderValue)> = RefCell::new((Duration::MAX, HeaderValue::from_static("")));
}

/// Now, as IMF-fixdate (RFC 9110, 5.6.7).
pub fn now() -> HeaderValue {
    let now = SystemTime::now();
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let second = Duration::from_secs(second);
    CACHED.with_borrow_mut(|(written, value)| {
        if *written != second {
            let text = httpdate::fmt_http_date(now);
            *value = HeaderValue::try_from(text).expect("letters, digits, colons and spaces");
            *written = second;
        }
        value.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_todays() {
        let before = SystemTime::now() - Duration::from_secs(1);
        let date = httpdate::parse_http_date(now().to_str().unwrap()).unwrap();
        assert!((before..=SystemTime::now()).contains(&date));
        assert_eq!(now().len(), "Sun, 06 Nov 1994 08:49:37 GMT".len());
    }
}
