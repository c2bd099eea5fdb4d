//! Messages as files, to be read in an editor or a mail program.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use lettre::{Address, Message, message::Mailbox};
use shopmesh_kit::clock::Timestamp;

use crate::domain::delivery::{Delivery, Outcome};

const FROM: (&str, &str, &str) = ("shopmesh", "no-reply", "shopmesh.local");
/// Last characters of a delivery's id in the name of its file: two messages of one second stay two files.
const TAIL: usize = 6;

/// A folder of `.eml` files.
pub struct MailFolder {
    path: PathBuf,
    /// Who messages are from.
    pub from: Mailbox,
}

impl MailFolder {
    /// The folder at `path`, made at first use.
    ///
    /// # Errors
    /// Names the folder that cannot be made.
    pub fn create(path: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot create the mail folder {}", path.display()))?;
        let (name, user, domain) = FROM;
        let from = Mailbox::new(Some(name.to_owned()), Address::new(user, domain)?);
        Ok(Self { path, from })
    }

    /// Writes a message. Its file appears whole or not at all; one that is there already was written before a crash.
    pub async fn send(&self, delivery: &Delivery, message: &Message) -> Outcome {
        let to = message.envelope().to().first().map(ToString::to_string).unwrap_or_default();
        let path = self.path.join(file_name(delivery, &to));
        let bytes = message.formatted();
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes)).await;
        match written.map_err(std::io::Error::other).and_then(|written| written) {
            Ok(()) => Outcome::Sent,
            Err(error) => Outcome::Retry(format!("the mail folder cannot be written to: {}", error.kind())),
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let draft = path.with_extension("part");
    // Mail is personal: for whoever runs the shop alone.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

/// Such as `20261121T063323Z-ann-example-com-7K3F9Q-order-placed.eml`; the same for the same delivery.
fn file_name(delivery: &Delivery, to: &str) -> String {
    let id = delivery.id.as_str();
    let tail = &id[id.len().saturating_sub(TAIL)..];
    format!("{}-{}-{tail}-{}.eml", compact(delivery.created), slug(to), delivery.template)
}

/// ISO 8601 in its basic form, to the second.
fn compact(at: Timestamp) -> String {
    let text = prost_types::Timestamp { nanos: 0, ..at.to_proto() }.to_string();
    text.replace(['-', ':'], "")
}

/// An address as part of a file name, on any system.
fn slug(address: &str) -> String {
    let letters = address.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    letters.take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::tests::queued;

    #[test]
    fn names_sort_by_time_and_stay_in_the_folder() {
        let delivery = Delivery { created: Timestamp(1_500_000), ..queued() };
        let name = file_name(&delivery, "../../etc/pässwd@example.com");
        assert!(name.starts_with("19700101T000001Z-------etc-p-sswd-example-com-"), "{name}");
        assert!(name.ends_with("-welcome.eml"), "{name}");
        assert!(!name.contains('/') && !name.contains(".."));
        assert_ne!(
            name,
            file_name(&Delivery { created: delivery.created, ..queued() }, "../../etc/pässwd@example.com")
        );
    }

    #[test]
    fn a_file_that_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.eml");
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}
