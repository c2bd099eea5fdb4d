//! identity: where people are written to.

use std::{collections::HashMap, time::Duration};

use shopmesh_mesh::{client::MeshChannel, context};
use shopmesh_proto::identity::v1::{
    BatchGetContactsRequest, user_directory_service_client::UserDirectoryServiceClient,
};

use crate::{domain::delivery::Delivery, translate};

const TIMEOUT: Duration = Duration::from_secs(2);

/// The way to identity.
pub struct Identity(pub MeshChannel);

impl Identity {
    /// The addresses of these deliveries' recipients by name, in one call. Who has no account any more has none.
    ///
    /// # Errors
    /// Why nobody could be asked.
    pub async fn addresses(&self, deliveries: &[Delivery]) -> Result<HashMap<String, String>, String> {
        let mut names: Vec<_> = deliveries.iter().map(|delivery| delivery.recipient.name()).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let mut identity = UserDirectoryServiceClient::new(self.0.clone());
        let ask = identity.batch_get_contacts(BatchGetContactsRequest { names });
        match context::scope(context::background(TIMEOUT), ask).await {
            Ok(answer) => Ok(translate::peers::addresses(answer.into_inner().contacts)),
            Err(status) => {
                tracing::warn!(%status, "identity cannot be asked for addresses; deliveries wait");
                Err(format!("identity cannot be asked for the address: {:?}", status.code()))
            }
        }
    }
}
