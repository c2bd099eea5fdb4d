//! The `[notifications]` table of the configuration.

use anyhow::bail;
use serde::Deserialize;

/// What can be set.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The mail server; without one, messages are written into a folder.
    pub smtp: Option<SmtpSettings>,
}

/// `[notifications.smtp]`. Has no `Debug`: it holds a password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Name or address of the server.
    pub host: String,
    /// Usually 587 with STARTTLS, 465 with TLS.
    pub port: u16,
    /// Who messages are from, such as `Shop <shop@example.com>`.
    pub from: String,
    /// User to sign in as.
    #[serde(default)]
    pub user: Option<String>,
    /// That user's password.
    #[serde(default)]
    pub password: Option<String>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: TlsMode,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// Not at all: for a server on this machine.
    None,
    /// The server must offer STARTTLS (RFC 3207).
    #[default]
    Starttls,
    /// From the first byte (RFC 8314).
    Tls,
}

impl SmtpSettings {
    /// User and password, if the server wants them.
    ///
    /// # Errors
    /// Names the setting that is missing, or would send the password in clear.
    pub fn credentials(&self) -> anyhow::Result<Option<(String, String)>> {
        let pair = match (&self.user, &self.password) {
            (None, None) => return Ok(None),
            (Some(user), Some(password)) => (user.clone(), password.clone()),
            _ => bail!("notifications.smtp: set both `user` and `password`, or neither"),
        };
        if self.tls == TlsMode::None {
            bail!("notifications.smtp: a password needs tls = \"starttls\" or \"tls\"");
        }
        Ok(Some(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(tls: &str, user: Option<&str>, password: Option<&str>) -> SmtpSettings {
        let text = serde_json::json!({ "host": "mail", "port": 25, "from": "a@b.c", "user": user, "password": password, "tls": tls });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn passwords_travel_protected_and_in_pairs() {
        assert!(settings("none", None, None).credentials().unwrap().is_none());
        assert!(settings("tls", Some("u"), Some("p")).credentials().unwrap().is_some());
        assert!(settings("none", Some("u"), Some("p")).credentials().is_err());
        assert!(settings("starttls", Some("u"), None).credentials().is_err());
        assert!(settings("starttls", None, Some("p")).credentials().is_err());
    }

    #[test]
    fn unknown_keys_are_told_and_starttls_is_the_default() {
        let unknown = serde_json::json!({ "host": "mail", "port": 25, "from": "a@b.c", "tsl": "none" });
        assert!(serde_json::from_value::<SmtpSettings>(unknown).is_err());
        let least = serde_json::json!({ "host": "mail", "port": 25, "from": "a@b.c" });
        assert!(serde_json::from_value::<SmtpSettings>(least).unwrap().tls == TlsMode::Starttls);
    }
}
