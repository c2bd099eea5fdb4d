//! Sends what is due: claims deliveries, asks identity for addresses, renders, hands over, writes down how it went.
//!
//! Each step may be the last before a crash. A claimed delivery is due again when its claim ends, so nothing is lost;
//! a message that had left is sent a second time with the same Message-ID.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use shopmesh_kit::{clock::Clock, db::Db, error::Result};
use shopmesh_mesh::{client::MeshChannel, context, net::Drain};
use shopmesh_proto::identity::v1::{
    BatchGetContactsRequest, Contact, user_directory_service_client::UserDirectoryServiceClient,
};

use crate::{
    domain::delivery::{Delivery, Outcome},
    mail::{Mailer, compose},
    store::deliveries,
    templates,
};

/// Pause between looks for due deliveries: mail need not be faster.
const EVERY: Duration = Duration::from_millis(250);
/// Deliveries claimed at once; with the timeouts of a try they fit into a claim.
const BATCH: i64 = 16;
const SIDE_BY_SIDE: usize = 8;
/// How long a claim lasts.
const LEASE: Duration = Duration::from_secs(60);
const CONTACTS_TIMEOUT: Duration = Duration::from_secs(2);

/// Sends deliveries. Several may run at once, also in several processes.
pub struct Sender {
    /// This service's database.
    pub db: Db,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The way to identity.
    pub identity: MeshChannel,
    /// The way out.
    pub mailer: Mailer,
}

impl Sender {
    /// Runs until the drain starts; what was claimed is finished.
    pub async fn run(self, drain: Drain) {
        while !drain.is_started() {
            let more = match self.send_due().await {
                Ok(sent) => sent > 0,
                Err(error) => {
                    tracing::warn!(%error, "deliveries cannot be read or written; trying again");
                    false
                }
            };
            if !more {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    () = drain.started() => return,
                }
            }
        }
    }

    /// Tries a batch of what is due. Returns how many deliveries it tried.
    pub async fn send_due(&self) -> Result<usize> {
        let now = self.clock.now();
        if !deliveries::any_due(&self.db, now).await? {
            return Ok(0);
        }
        let lease = now + LEASE;
        let claim = self
            .db
            .write((now, lease), |tx, (now, lease)| Box::pin(deliveries::claim(tx, BATCH, *now, *lease)));
        let claimed = claim.await?;
        let contacts = self.contacts(&claimed).await;
        let tried = claimed.len();
        let tries = claimed.into_iter().map(|delivery| {
            let contacts = &contacts;
            async move {
                let outcome = match contacts {
                    Ok(contacts) => self.try_once(&delivery, contacts.get(&delivery.recipient.name())).await,
                    Err(problem) => Outcome::Postponed(problem.clone()),
                };
                (delivery, outcome)
            }
        });
        let settled: Vec<Delivery> = stream::iter(tries)
            .buffer_unordered(SIDE_BY_SIDE)
            .map(|(mut delivery, outcome)| {
                delivery.settle(outcome, self.clock.now());
                delivery
            })
            .collect()
            .await;
        let settle = self.db.write((settled, lease), |tx, (settled, lease)| {
            Box::pin(async move {
                for delivery in settled {
                    deliveries::settle(&mut *tx, delivery, *lease).await?;
                }
                Ok::<_, shopmesh_kit::Error>(())
            })
        });
        settle.await?;
        Ok(tried)
    }

    /// The contacts of these deliveries' recipients by name, in one call; or why nobody could be asked.
    async fn contacts(&self, deliveries: &[Delivery]) -> Result<HashMap<String, Contact>, String> {
        let mut names: Vec<_> = deliveries.iter().map(|delivery| delivery.recipient.name()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let mut identity = UserDirectoryServiceClient::new(self.identity.clone());
        let ask = identity.batch_get_contacts(BatchGetContactsRequest { names });
        match context::scope(context::background(CONTACTS_TIMEOUT), ask).await {
            Ok(answer) => {
                let contacts = answer.into_inner().contacts;
                Ok(contacts.into_iter().map(|contact| (contact.user.clone(), contact)).collect())
            }
            Err(status) => {
                tracing::warn!(%status, "identity cannot be asked for addresses; deliveries wait");
                Err(format!("identity cannot be asked for the address: {:?}", status.code()))
            }
        }
    }

    async fn try_once(&self, delivery: &Delivery, contact: Option<&Contact>) -> Outcome {
        let Some(contact) = contact else {
            return Outcome::Refused("the recipient has no account any more".to_owned());
        };
        let Some(template) = templates::find(&delivery.template) else {
            return Outcome::Refused("this version has no such template".to_owned());
        };
        let rendered = match template.render(&delivery.variables) {
            Ok(rendered) => rendered,
            Err(error) => return Outcome::Refused(format!("the template {error}")),
        };
        match compose(delivery, self.mailer.from(), &contact.email, rendered) {
            Ok(message) => self.mailer.send(delivery, message).await,
            Err(problem) => Outcome::Refused(problem),
        }
    }
}
