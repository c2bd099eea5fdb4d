//! SPIFFE ids of workloads (SPIFFE-ID, sections 2 and 3).

use std::{fmt, str::FromStr};

use rustls::pki_types::CertificateDer;

use crate::ServiceName;

/// Who signs for whom, such as `shopmesh.local`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TrustDomain(String);

impl Default for TrustDomain {
    fn default() -> Self {
        Self("shopmesh.local".to_owned())
    }
}

impl fmt::Display for TrustDomain {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What runs under an identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Workload {
    /// `/svc/orders`.
    Service(ServiceName),
    /// `/edge/main`: carries the tokens of users.
    Edge(String),
    /// `/operator/cli`: a person or tool that runs the deployment.
    Operator(String),
}

/// `spiffe://shopmesh.local/svc/orders`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpiffeId {
    /// The authority part.
    pub trust_domain: TrustDomain,
    /// The path part.
    pub workload: Workload,
}

impl SpiffeId {
    /// The id of a service in the default trust domain.
    pub fn service(service: ServiceName) -> Self {
        Self { trust_domain: TrustDomain::default(), workload: Workload::Service(service) }
    }

    /// The id of an edge in the default trust domain.
    pub fn edge(name: &str) -> Self {
        Self { trust_domain: TrustDomain::default(), workload: Workload::Edge(name.to_owned()) }
    }

    /// The id of an operator in the default trust domain.
    pub fn operator(name: &str) -> Self {
        Self { trust_domain: TrustDomain::default(), workload: Workload::Operator(name.to_owned()) }
    }

    /// Whether a `peers` entry of a policy means this workload: `edge`, `operator`, or the name of a service.
    pub fn matches_peer_rule(&self, rule: &str) -> bool {
        match &self.workload {
            Workload::Service(service) => rule == service.as_str(),
            Workload::Edge(_) => rule == "edge",
            Workload::Operator(_) => rule == "operator",
        }
    }

    /// A name for files: `orders`, `edge-main`, `operator-cli`.
    pub fn file_stem(&self) -> String {
        match &self.workload {
            Workload::Service(service) => service.to_string(),
            Workload::Edge(name) => format!("edge-{name}"),
            Workload::Operator(name) => format!("operator-{name}"),
        }
    }
}

/// The workload of a certificate: exactly one URI among its names, and that a SPIFFE id (X509-SVID, section 2).
pub fn peer_id(certificate: &CertificateDer<'_>) -> Option<SpiffeId> {
    let parsed = webpki::EndEntityCert::try_from(certificate).ok()?;
    let mut names = parsed.valid_uri_names();
    let id = names.next()?.parse().ok()?;
    names.next().is_none().then_some(id)
}

impl fmt::Display for SpiffeId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "spiffe://{}", self.trust_domain)?;
        match &self.workload {
            Workload::Service(service) => write!(out, "/svc/{service}"),
            Workload::Edge(name) => write!(out, "/edge/{name}"),
            Workload::Operator(name) => write!(out, "/operator/{name}"),
        }
    }
}

/// Text that is no id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a SPIFFE id such as spiffe://shopmesh.local/svc/orders, .../edge/main or .../operator/ada")]
pub struct InvalidSpiffeId;

impl FromStr for SpiffeId {
    type Err = InvalidSpiffeId;

    fn from_str(text: &str) -> Result<Self, InvalidSpiffeId> {
        let (domain, path) =
            text.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/')).ok_or(InvalidSpiffeId)?;
        let (kind, name) = path.split_once('/').ok_or(InvalidSpiffeId)?;
        let domain_letters =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        let name_letters = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        // The name becomes a file name, so a leading dot is out too.
        let named =
            !name.is_empty() && name.len() <= 63 && name.bytes().all(name_letters) && !name.starts_with('.');
        if domain.is_empty() || domain.len() > 255 || !domain.bytes().all(domain_letters) || !named {
            return Err(InvalidSpiffeId);
        }
        let workload = match kind {
            "svc" => Workload::Service(name.parse().map_err(|_| InvalidSpiffeId)?),
            "edge" => Workload::Edge(name.to_owned()),
            "operator" => Workload::Operator(name.to_owned()),
            _ => return Err(InvalidSpiffeId),
        };
        Ok(Self { trust_domain: TrustDomain(domain.to_owned()), workload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip() {
        for text in
            ["spiffe://shopmesh.local/svc/orders", "spiffe://a.b/edge/main", "spiffe://a.b/operator/ada"]
        {
            assert_eq!(text.parse::<SpiffeId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "orders",
            "https://shopmesh.local/svc/orders",
            "spiffe:///svc/orders",
            "spiffe://shopmesh.local/svc/nothing",
            "spiffe://shopmesh.local/svc/orders/x",
            "spiffe://shopmesh.local/operator/",
            "spiffe://shopmesh.local/operator/..",
            "spiffe://shopmesh.local/operator/a%2f",
            "spiffe://Shopmesh.local/svc/orders",
        ] {
            assert_eq!(text.parse::<SpiffeId>(), Err(InvalidSpiffeId), "{text}");
        }
    }
}
