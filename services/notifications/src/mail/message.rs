//! One message as RFC 5322 has it.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::{
    domain::{delivery::Delivery, notice::one_line},
    templates::Rendered,
};

/// Who a message is from and to.
pub struct Envelope<'a> {
    /// The shop.
    pub from: &'a Mailbox,
    /// The person's address.
    pub email: &'a str,
    /// How the person is addressed; may be empty.
    pub display_name: &'a str,
}

/// The message of a delivery. The same delivery makes the same message, so that a second copy, sent because a crash hid
/// that the first one had left, is known by its Message-ID.
///
/// # Errors
/// Says what is wrong without naming anybody.
pub fn compose(delivery: &Delivery, envelope: &Envelope<'_>, rendered: Rendered) -> Result<Message, String> {
    let address: Address =
        envelope.email.parse().map_err(|_| "the address cannot be written to".to_owned())?;
    let name = one_line(envelope.display_name);
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let created = Duration::from_micros(u64::try_from(delivery.created.0).unwrap_or(0));
    Message::builder()
        .from(envelope.from.clone())
        .to(Mailbox::new(name, address))
        .subject(rendered.subject)
        .date(SystemTime::UNIX_EPOCH + created)
        .message_id(Some(format!("<{}@{}>", delivery.id.as_str(), envelope.from.email.domain())))
        // RFC 3834: no vacation notices, please.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(ContentType::TEXT_PLAIN)
        .body(rendered.text)
        .map_err(|error| format!("the message cannot be built: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::tests::queued;

    fn text(display_name: &str, email: &str) -> Result<String, String> {
        let from = "Shop <shop@example.com>".parse().unwrap();
        let rendered = Rendered { subject: "Grüße".to_owned(), text: "Hello,\n\nyou.\n".to_owned() };
        let message = compose(&queued(), &Envelope { from: &from, email, display_name }, rendered)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_message_has_what_it_needs() {
        let mail = text("Zoë Example", "zoe@example.com").unwrap();
        for part in [
            "From: Shop <shop@example.com>\r\n",
            "<zoe@example.com>\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(mail.contains(part), "{part} in {mail}");
        }
        assert!(mail.contains("Message-ID: <dlv_") && mail.contains("@example.com>\r\n"), "{mail}");
        assert!(mail.contains("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"), "{mail}");
        assert!(mail.ends_with("\r\n\r\nHello,\r\n\r\nyou.\r\n"), "{mail:?}");
        assert!(mail.is_ascii(), "other characters are encoded in headers");
    }

    #[test]
    fn names_cannot_add_headers_or_recipients() {
        for name in
            ["A\r\nBcc: x@example.com", "A\nX-Evil: 1", "\"A\" <x@example.com>, B", "A, x@example.com"]
        {
            let mail = text(name, "ann@example.com").unwrap();
            let head = mail.split("\r\n\r\n").next().unwrap();
            let to = head.lines().find(|line| line.starts_with("To: ")).unwrap();
            assert!(to.ends_with("<ann@example.com>"), "{to}");
            assert!(
                !head.lines().any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil")),
                "{head}"
            );
            let to: lettre::message::Mailboxes = to.trim_start_matches("To: ").parse().unwrap();
            assert_eq!(to.iter().count(), 1, "{name}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_named() {
        for email in
            ["", "ann", "ann@", "a@b@c", "ann@example.com\r\nRCPT TO:<x@y.z>", "ann@example.com, x@y.z"]
        {
            let problem = text("Ann", email).unwrap_err();
            assert!(!problem.contains('@'), "{problem}");
        }
    }
}
