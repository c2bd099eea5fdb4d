//! Entity tags (AIP-154): the version of a resource as an opaque string.

use crate::error::Error;

/// The tag of a version.
pub fn of(version: i64) -> String {
    format!("v{version}")
}

/// Compares the tag a caller gave with the current version. An empty tag asks for no check.
///
/// # Errors
/// ABORTED, reason `ETAG_MISMATCH`, when the resource has changed since the tag was read.
pub fn check(given: &str, current: i64) -> Result<(), Error> {
    if given.is_empty() || given == of(current) {
        return Ok(());
    }
    Err(Error::aborted(
        "ETAG_MISMATCH",
        "the resource has changed since this etag was read; read it again and retry",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn only_the_current_or_no_tag_passes() {
        assert!(check("", 3).is_ok());
        assert!(check(&of(3), 3).is_ok());
        assert_eq!(check(&of(2), 3).unwrap_err().kind(), ErrorKind::Aborted);
        assert_eq!(check("3", 3).unwrap_err().kind(), ErrorKind::Aborted);
    }
}
