//! One message as RFC 5322 has it.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::domain::{delivery::Delivery, template::Rendered};

/// The message of a delivery. The same delivery makes the same message, so that a second copy, sent because a crash hid
/// that the first one had left, is known by its Message-ID. The recipient is an address without a name, since whoever opened
/// the account chose the name.
///
/// # Errors
/// Says what is wrong without naming anybody.
pub fn compose(
    delivery: &Delivery,
    from: &Mailbox,
    email: &str,
    rendered: Rendered,
) -> Result<Message, String> {
    let address: Address = email.parse().map_err(|_| "the address cannot be written to".to_owned())?;
    let created = Duration::from_micros(u64::try_from(delivery.created.0).unwrap_or(0));
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address))
        .subject(rendered.subject)
        .date(SystemTime::UNIX_EPOCH + created)
        .message_id(Some(format!("<{}@{}>", delivery.id.as_str(), from.email.domain())))
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

    fn text(email: &str) -> Result<String, String> {
        let from = "Shop <shop@example.com>".parse().unwrap();
        let rendered = Rendered { subject: "Grüße".to_owned(), text: "Hello,\n\nyou.\n".to_owned() };
        let message = compose(&queued(), &from, email, rendered)?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_message_has_what_it_needs() {
        let mail = text("zoe@example.com").unwrap();
        for part in [
            "From: Shop <shop@example.com>\r\n",
            "To: zoe@example.com\r\n",
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
    fn what_is_no_address_is_refused_without_being_named() {
        for email in
            ["", "ann", "ann@", "a@b@c", "ann@example.com\r\nRCPT TO:<x@y.z>", "ann@example.com, x@y.z"]
        {
            let problem = text(email).unwrap_err();
            assert!(!problem.contains('@'), "{problem}");
        }
    }
}
