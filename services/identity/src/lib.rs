//! Accounts, sessions, roles and addresses: who somebody is and what they may do.
//!
//! `grpc` is what can be asked, `domain` what may change, `store` what is remembered, `tokens` what proves a session.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod access;
mod accounts;
mod app;
mod domain;
mod grpc;
mod guesses;
mod housekeeping;
mod ids;
mod password_pool;
pub mod seed;
mod store;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use http::{Method, Response, header};
use serde::Deserialize;
use shopmesh_kit::{
    db::Db,
    sealed::Sealer,
    service::{BackgroundTask, Service, ServiceEnv},
};
use shopmesh_mesh::server::{HttpRoute, TokenVerifier};
use shopmesh_proto::policy::PolicyTable;

use crate::{app::App, tokens::verifier::OwnTokens};

/// Where verifiers find the public keys (RFC 8615).
pub const JWKS_PATH: &str = "/.well-known/jwks.json";
/// Verifiers may keep the keys for as long; the schedule of keys reckons with it.
const JWKS_CACHE: &str = "public, max-age=300";
/// The running service, for the process that serves it.
#[derive(Clone)]
pub struct IdentityHandle {
    app: Arc<App>,
}

impl IdentityHandle {
    /// Checks access tokens without asking over the mesh.
    pub fn token_verifier(&self) -> Arc<dyn TokenVerifier> {
        Arc::new(OwnTokens(self.app.clone()))
    }
}

/// Opens the database and the keys below `env.data_dir`, and puts the service together.
///
/// # Errors
/// When the configuration holds a key, or the database or the master key cannot be opened.
pub async fn build(env: ServiceEnv) -> anyhow::Result<(Service, IdentityHandle)> {
    let config = env.settings.parse()?;
    let db = Db::open(&env.database_path(), &store::MIGRATOR).await?;
    let sealer = Sealer::open_in(&db, &env.data_dir, env.service.as_str()).await?;
    let app = Arc::new(App::open(db.clone(), sealer, env.clock, config).await?);
    let handle = IdentityHandle { app: app.clone() };
    let mut service = Service::new(env.service, grpc::routes(app.clone()));
    service.db = Some(db);
    service.tokens = Some(handle.token_verifier());
    service.http_routes.push(jwks_route(app.clone()));
    service.tasks.push(BackgroundTask::new("housekeeping", |drain| housekeeping::run(app, drain)));
    Ok((service, handle))
}

/// The `[identity]` table of the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Proxies of our own before the edge that append to `x-forwarded-for`: the edge's `xff_num_trusted_hops`.
    pub trusted_hops: usize,
}

/// The key set as a plain document, as a `jwt_authn` filter fetches it.
fn jwks_route(app: Arc<App>) -> HttpRoute {
    let policy = PolicyTable::global().method("/shopmesh.identity.v1.AuthService/GetJwks");
    HttpRoute {
        method: Method::GET,
        path: JWKS_PATH,
        peers: policy.map_or(&[], |policy| &policy.peers),
        handler: Arc::new(move || {
            let mut answer = Response::new(app.keys.jwks());
            let headers = answer.headers_mut();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(grpc::JWKS_TYPE));
            headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(JWKS_CACHE));
            Box::pin(async move { answer })
        }),
    }
}
