//! `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation` and `HeaderMutationPerRoute`, which look alike.

use http::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::bootstrap::{header_change::HeaderChange, string_matcher::StringMatcher};

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
    RemoveOnMatch(StringMatcher),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MutationFields {
    append: Option<HeaderChange>,
    remove: Option<String>,
    remove_on_match: Option<RemoveOnMatch>,
}

/// `HeaderMutation.RemoveOnMatch`: header names are matched in lower case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveOnMatch {
    key_matcher: StringMatcher,
}

impl TryFrom<MutationFields> for Mutation {
    type Error = String;

    fn try_from(fields: MutationFields) -> Result<Self, String> {
        match (fields.append, fields.remove, fields.remove_on_match) {
            (Some(change), None, None) => Ok(Self::Append(change)),
            (None, Some(name), None) => {
                name.parse().map(Self::Remove).map_err(|_| format!("{name:?} is not a header name"))
            }
            (None, None, Some(RemoveOnMatch { key_matcher })) => Ok(Self::RemoveOnMatch(key_matcher)),
            _ => Err("needs exactly one of append, remove, remove_on_match".to_owned()),
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
            Self::RemoveOnMatch(matcher) => {
                let matching: Vec<HeaderName> =
                    headers.keys().filter(|name| matcher.is_match(name.as_str())).cloned().collect();
                for name in matching {
                    headers.remove(name);
                }
            }
        }
    }
}
