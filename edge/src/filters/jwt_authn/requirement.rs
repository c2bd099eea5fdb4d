//! Combines what providers say about a request: any, all, or nothing required.

use std::{collections::BTreeMap, sync::Arc};

use http::HeaderMap;

use super::{
    config::{JwtRequirement, Requirements},
    provider::{JwtError, Provider},
};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath, read},
    filters::api::BoxFuture,
};

/// A checked `JwtRequirement`.
pub enum Requirement {
    /// One provider, with other audiences than its own where given.
    Provider(Arc<Provider>, Option<Vec<String>>),
    Any(Vec<Requirement>),
    All(Vec<Requirement>),
    /// No token, or one that some provider accepts.
    AllowMissing(Vec<Arc<Provider>>),
    AllowMissingOrFailed,
}

/// Providers by name.
pub type Providers = BTreeMap<String, Arc<Provider>>;

impl Requirement {
    pub fn new(config: JwtRequirement, providers: &Providers, at: &YamlPath) -> Result<Self, ConfigError> {
        let provider = |name: &str, at: YamlPath| {
            providers.get(name).cloned().ok_or_else(|| at.error(format!("no provider is called {name:?}")))
        };
        let all = |list: Requirements, at: &YamlPath| -> Result<Vec<Self>, ConfigError> {
            let at = at.field("requirements");
            if list.requirements.len() < 2 {
                return Err(at.error("needs at least two"));
            }
            let list = list.requirements.into_iter().enumerate();
            list.map(|(i, value)| Self::new(read(value, &at.index(i))?, providers, &at.index(i))).collect()
        };
        Ok(match config {
            JwtRequirement::ProviderName(name) => {
                Self::Provider(provider(&name, at.field("provider_name"))?, None)
            }
            JwtRequirement::ProviderAndAudiences(with) => {
                let at = at.field("provider_and_audiences").field("provider_name");
                Self::Provider(provider(&with.provider_name, at)?, Some(with.audiences))
            }
            JwtRequirement::RequiresAny(list) => Self::Any(all(list, &at.field("requires_any"))?),
            JwtRequirement::RequiresAll(list) => Self::All(all(list, &at.field("requires_all"))?),
            JwtRequirement::AllowMissing(_) => Self::AllowMissing(providers.values().cloned().collect()),
            JwtRequirement::AllowMissingOrFailed(_) => Self::AllowMissingOrFailed,
        })
    }

    /// Ok if the requirement holds; the providers whose token was accepted are added to `accepted`.
    pub fn verify<'a>(
        &'a self,
        headers: &'a HeaderMap,
        accepted: &'a mut Vec<Arc<Provider>>,
    ) -> BoxFuture<'a, Result<(), JwtError>> {
        Box::pin(async move {
            match self {
                Self::Provider(provider, audiences) => {
                    provider.verify(headers, audiences.as_deref()).await?;
                    accepted.push(provider.clone());
                    Ok(())
                }
                Self::All(list) => {
                    for requirement in list {
                        requirement.verify(headers, accepted).await?;
                    }
                    Ok(())
                }
                Self::Any(list) => any(list, headers, accepted).await,
                Self::AllowMissing(providers) => allow_missing(providers, headers, accepted).await,
                Self::AllowMissingOrFailed => Ok(()),
            }
        })
    }
}

/// The first that holds. `allow_missing` beside providers forgives that *they* found no token, not that one failed.
async fn any(
    list: &[Requirement],
    headers: &HeaderMap,
    accepted: &mut Vec<Arc<Provider>>,
) -> Result<(), JwtError> {
    let mut outcome = JwtError::Missing;
    let (mut missing_allowed, mut providers) = (false, 0);
    for requirement in list {
        if matches!(requirement, Requirement::AllowMissing(_)) {
            missing_allowed = true;
            continue;
        }
        providers += 1;
        match requirement.verify(headers, accepted).await {
            Ok(()) => return Ok(()),
            Err(JwtError::Missing) => {}
            Err(error) => outcome = error,
        }
    }
    match list.iter().find(|requirement| matches!(requirement, Requirement::AllowMissing(_))) {
        Some(alone) if providers == 0 => alone.verify(headers, accepted).await,
        _ if missing_allowed && outcome == JwtError::Missing => Ok(()),
        _ => Err(outcome),
    }
}

async fn allow_missing(
    providers: &[Arc<Provider>],
    headers: &HeaderMap,
    accepted: &mut Vec<Arc<Provider>>,
) -> Result<(), JwtError> {
    let mut outcome = Ok(());
    for provider in providers {
        match provider.verify(headers, None).await {
            Ok(()) => {
                accepted.push(provider.clone());
                return Ok(());
            }
            Err(JwtError::Missing) => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}
