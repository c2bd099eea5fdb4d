//! Messages to a mail server (RFC 5321).

use std::{error::Error as _, time::Duration};

use anyhow::Context;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{self, authentication::Credentials},
};

use crate::{
    config::{SmtpSettings, TlsMode},
    domain::delivery::Outcome,
};

/// For each command; a claim of a delivery lasts longer.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// For a whole message.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// A mail server.
pub struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// Who messages are from.
    pub from: Mailbox,
}

impl SmtpServer {
    /// The mail server of the configuration. Connects when the first message leaves.
    ///
    /// # Errors
    /// Names the setting that is wrong.
    pub fn new(settings: SmtpSettings) -> anyhow::Result<Self> {
        let credentials = settings.credentials()?;
        let SmtpSettings { host, port, from, tls, .. } = settings;
        let from =
            sender(&from).context("notifications.smtp.from must be an address: Shop <shop@example.com>")?;
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let builder = match tls {
            TlsMode::None => Ok(Transport::builder_dangerous(&host)),
            TlsMode::Starttls => Transport::starttls_relay(&host),
            TlsMode::Tls => Transport::relay(&host),
        };
        let builder = builder.with_context(|| format!("notifications.smtp.host: {host}"))?;
        let builder = builder.port(port).timeout(Some(COMMAND_TIMEOUT));
        let builder = match credentials {
            Some((user, password)) => builder.credentials(Credentials::new(user, password)),
            None => builder,
        };
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a message.
    pub async fn send(&self, message: Message) -> Outcome {
        match tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await {
            Ok(Ok(_)) => Outcome::Sent,
            Ok(Err(error)) => outcome(&error),
            Err(_) => Outcome::Retry("the mail server took too long".to_owned()),
        }
    }
}

/// Who messages are from, the domain in ASCII (A-labels, RFC 5890), which every mail server takes. Identity gives recipients so.
fn sender(text: &str) -> anyhow::Result<Mailbox> {
    let Mailbox { name, email } = text.parse()?;
    let domain = idna::domain_to_ascii(email.domain())?;
    Ok(Mailbox::new(name, Address::new(email.user(), domain)?))
}

/// What a failure means for the message. Answers of servers quote addresses, so only their code is kept.
fn outcome(error: &smtp::Error) -> Outcome {
    if needs_utf8(error) {
        let problem =
            "the mail server takes no address with letters outside of ASCII before the @ (SMTPUTF8)";
        return Outcome::Refused(problem.to_owned());
    }
    let Some(code) = error.status().map(u16::from) else {
        let what = if error.is_timeout() { "in time" } else { "now" };
        return Outcome::Retry(format!("the mail server cannot be reached {what}"));
    };
    // 53x is about our credentials, which an operator can mend, and not about the message.
    if error.is_permanent() && !(530..540).contains(&code) {
        return Outcome::Refused(format!("the mail server refused the message: {code}"));
    }
    Outcome::Retry(format!("the mail server could not take the message: {code}"))
}

/// Whether it is the client that gave up, since the address of the message asks for an extension that the server does not have: SMTPUTF8
/// (RFC 6531, 3.1), and 8BITMIME with it. Such a server will not be another one in a minute.
fn needs_utf8(error: &smtp::Error) -> bool {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    error.is_client() && ["SMTPUTF8", "8BITMIME"].iter().any(|extension| reason.contains(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_needs_no_extension() {
        let sender = |text: &str| sender(text).map(|sender| sender.to_string()).ok();
        assert_eq!(sender("Café <shop@bücher.example>").unwrap(), "Café <shop@xn--bcher-kva.example>");
        assert_eq!(sender("shop@Example.com").unwrap(), "shop@example.com");
        for bad in ["", "shop", "shop@", "Shop <shop@example.com", "a@b@c"] {
            assert_eq!(sender(bad), None, "{bad}");
        }
    }
}
