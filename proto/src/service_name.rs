//! The closed list of services: names in identities, directories, metrics and on the command line. It is made of the
//! contracts, `option (shopmesh.policy.v1.process)`.

use std::{error::Error, fmt, str::FromStr};

include!(concat!(env!("OUT_DIR"), "/services.rs"));

impl ServiceName {
    /// All names, as help and errors say them: `identity, catalog, ...`.
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// A name that is no service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownService(String);

impl fmt::Display for UnknownService {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` is not a service: use one of {}", self.0, ServiceName::names())
    }
}

impl Error for UnknownService {}

impl FromStr for ServiceName {
    type Err = UnknownService;

    fn from_str(name: &str) -> Result<Self, UnknownService> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == name)
            .ok_or_else(|| UnknownService(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
