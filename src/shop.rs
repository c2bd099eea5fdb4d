//! Services as part of one process: the only file that knows them all.

use std::{path::Path, sync::Arc};

use anyhow::{Context, bail};
use shopmesh_identity::IdentityHandle;
use shopmesh_kit::{
    clock::{Clock, SystemClock},
    service::{Hosted, Service, ServiceEnv, ServiceHost},
    settings::Settings,
};
use shopmesh_mesh::{
    ServiceName,
    client::MeshClient,
    net::Drain,
    private,
    telemetry::Metrics,
    workload::{Identity, SpiffeId},
};

use crate::{identities::Identities, layout::Paths, places::Places};

/// The running services of a process, and what the command needs of them.
pub struct Shop {
    /// Ends them.
    pub host: ServiceHost,
    /// Present when identity runs here.
    pub identity: Option<IdentityHandle>,
}

/// What the services of a process share.
pub struct Setup {
    paths: Paths,
    places: Places,
    identities: Identities,
    settings: toml::Table,
    metrics: Metrics,
}

impl Setup {
    /// Reads the configuration file.
    pub fn new(
        paths: Paths,
        places: Places,
        identities: Identities,
        config: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let settings = config.map_or(Ok(toml::Table::new()), read_settings)?;
        Ok(Self { paths, places, identities, settings, metrics: Metrics::default() })
    }

    /// Where calls are counted.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// As whom it speaks.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// The way to the services of this shop, as `id`.
    pub fn client(&self, id: &SpiffeId) -> anyhow::Result<MeshClient> {
        Ok(self.client_as(Identity::load(&self.identities.files(id)?)?))
    }

    fn client_as(&self, identity: Arc<Identity>) -> MeshClient {
        MeshClient::new(identity, self.places.directory.clone(), self.metrics())
    }

    /// Builds and starts services. Their certificates are read again when they change, until `drain` starts.
    pub async fn start(&self, names: &[ServiceName], drain: &Drain) -> anyhow::Result<Shop> {
        let (mut hosted, mut handle) = (Vec::new(), None);
        for name in names {
            let (identity, files) = self.identities.service(*name)?;
            let mesh = self.client_as(identity.clone());
            let env = self.env(*name, mesh.clone())?;
            let clock = env.clock.clone();
            let (service, identity_handle) =
                build(env).await.with_context(|| format!("{name} does not start"))?;
            handle = handle.or(identity_handle);
            drain.spawn(identity.clone().follow(files, drain.clone()));
            let listen = self.places.listen(*name);
            hosted.push(Hosted { service, listen, mesh, identity, metrics: self.metrics(), clock });
        }
        Ok(Shop { host: ServiceHost::start(hosted).await?, identity: handle })
    }

    fn env(&self, service: ServiceName, mesh: MeshClient) -> anyhow::Result<ServiceEnv> {
        let data_dir = self.paths.service(service);
        private::folder(&data_dir).with_context(|| format!("cannot create {}", data_dir.display()))?;
        let table = self.settings.get(service.as_str()).and_then(toml::Value::as_table).cloned();
        Ok(ServiceEnv {
            service,
            data_dir,
            clock: Arc::new(SystemClock) as Arc<dyn Clock>,
            mesh,
            settings: Settings::new(service.as_str(), table.unwrap_or_default()),
            metrics: self.metrics(),
        })
    }
}

async fn build(env: ServiceEnv) -> anyhow::Result<(Service, Option<IdentityHandle>)> {
    let service = match env.service {
        ServiceName::Identity => {
            let (service, handle) = shopmesh_identity::build(env).await?;
            return Ok((service, Some(handle)));
        }
        ServiceName::Catalog => shopmesh_catalog::build(env).await?,
        ServiceName::Inventory => shopmesh_inventory::build(env).await?,
        ServiceName::Orders => shopmesh_orders::build(env).await?,
        ServiceName::Payments => shopmesh_payments::build(env).await?,
        ServiceName::Notifications => shopmesh_notifications::build(env).await?,
        ServiceName::Platform => shopmesh_platform::build(env).await?,
    };
    Ok((service, None))
}

/// The configuration file: one table per service.
fn read_settings(file: &Path) -> anyhow::Result<toml::Table> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read the configuration {shown}"))?;
    let table: toml::Table = text.parse().with_context(|| format!("{shown} is not TOML"))?;
    for (key, value) in &table {
        if key.parse::<ServiceName>().is_err() || !value.is_table() {
            bail!("{shown}: `{key}` is not a table of a service such as [notifications]");
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use shopmesh_kit::db::{Db, DbError, sql};

    use super::*;

    /// `PRAGMA synchronous` and `PRAGMA journal_mode` of the connection that writes.
    async fn durability(db: &Db) -> (i64, String) {
        let read = db.write((), |tx, ()| {
            Box::pin(async move {
                let synchronous = sql("PRAGMA synchronous").one(&mut *tx).await?.int("synchronous")?;
                let journal_mode = sql("PRAGMA journal_mode").one(tx).await?.text("journal_mode")?;
                Ok::<_, DbError>((synchronous, journal_mode))
            })
        });
        read.await.unwrap()
    }

    #[tokio::test]
    async fn what_a_service_has_committed_survives_a_power_cut() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::new(root.path());
        let identities = Identities::signed_in(paths.pki()).unwrap();
        let setup = Setup::new(paths, Places::loopback(0), identities, None).unwrap();
        let mut with_database = Vec::new();
        for name in ServiceName::ALL {
            let (service, _) =
                build(setup.env(name, setup.client(&SpiffeId::service(name)).unwrap()).unwrap())
                    .await
                    .unwrap();
            if let Some(db) = service.db {
                // FULL: each commit is flushed to disk before it is answered (sqlite.org/pragma.html#pragma_synchronous).
                assert_eq!(durability(&db).await, (2, "wal".to_owned()), "{name}");
                with_database.push(name.as_str());
            }
        }
        assert!(with_database.len() >= 6, "{with_database:?}");
    }

    #[test]
    fn a_configuration_names_services_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.toml");
        std::fs::write(&file, "[orders]\n[notifications.smtp]\nhost = 'x'\n").unwrap();
        assert_eq!(read_settings(&file).unwrap().len(), 2);
        for wrong in ["[order]\n", "orders = 1\n", "[orders\n"] {
            std::fs::write(&file, wrong).unwrap();
            assert!(read_settings(&file).is_err(), "{wrong}");
        }
    }
}
