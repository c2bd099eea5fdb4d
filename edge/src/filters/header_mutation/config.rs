//! `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation` and `HeaderMutationPerRoute`, which look alike.

use http::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::bootstrap::scalars::HeaderChange;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderMutation {
    #[serde(default)]
    pub mutations: Mutations,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutations {
    #[serde(default)]
    pub request_mutations: Vec<Mutation>,
    #[serde(default)]
    pub response_mutations: Vec<Mutation>,
}

/// `config.common.mutation_rules.v3.HeaderMutation`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "MutationFields")]
pub enum Mutation {
    Append(HeaderChange),
    Remove(HeaderName),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MutationFields {
    append: Option<HeaderChange>,
    remove: Option<String>,
}

impl TryFrom<MutationFields> for Mutation {
    type Error = String;

    fn try_from(fields: MutationFields) -> Result<Self, String> {
        match (fields.append, fields.remove) {
            (Some(change), None) => Ok(Self::Append(change)),
            (None, Some(name)) => {
                name.parse().map(Self::Remove).map_err(|_| format!("{name:?} is not a header name"))
            }
            _ => Err("needs exactly one of append, remove".to_owned()),
        }
    }
}

impl Mutation {
    pub fn apply(&self, headers: &mut HeaderMap) {
        match self {
            Self::Append(change) => change.apply(headers),
            Self::Remove(name) => {
                headers.remove(name);
            }
        }
    }
}
