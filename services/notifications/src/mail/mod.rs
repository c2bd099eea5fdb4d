//! E-mail: how a message looks, and the two ways it leaves.

mod folder;
mod message;
mod smtp;

pub use folder::MailFolder;
pub use message::compose;
pub use smtp::SmtpServer;

use lettre::{Message, message::Mailbox};

use crate::{
    config::SmtpSettings,
    domain::delivery::{Delivery, Outcome},
};

/// Where messages go.
pub enum Mailer {
    /// To a mail server.
    Smtp(SmtpServer),
    /// Into files that anybody can read: for a laptop without a mail server.
    Folder(MailFolder),
}

impl Mailer {
    /// The mailer of the configuration: its mail server, or else the folder `mail` below `data_dir`.
    ///
    /// # Errors
    /// Names the setting that is wrong, or the folder that cannot be made.
    pub fn new(smtp: Option<SmtpSettings>, data_dir: &std::path::Path) -> anyhow::Result<Self> {
        match smtp {
            Some(settings) => SmtpServer::new(settings).map(Self::Smtp),
            None => MailFolder::create(data_dir.join("mail")).map(Self::Folder),
        }
    }

    /// Who messages are from.
    pub fn from(&self) -> &Mailbox {
        match self {
            Self::Smtp(server) => &server.from,
            Self::Folder(folder) => &folder.from,
        }
    }

    /// Hands a message over.
    pub async fn send(&self, delivery: &Delivery, message: Message) -> Outcome {
        match self {
            Self::Smtp(server) => server.send(message).await,
            Self::Folder(folder) => folder.send(delivery, &message).await,
        }
    }
}
