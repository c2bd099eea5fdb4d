//! The edge's files in the data directory, with absolute paths and the ports of this shop.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use shopmesh_derive::edge_yaml::{EdgeYamlParams, render};
use shopmesh_mesh::{
    ServiceName, private,
    workload::{IdentityFiles, TrustDomain},
};
use shopmesh_proto::ports;

use crate::{
    cli::{Switch, UpArgs},
    layout::{Paths, write_if_changed},
};

/// Writes descriptors and bootstrap.
pub fn write(args: &UpArgs, paths: &Paths, identity: &IdentityFiles) -> anyhow::Result<()> {
    let loopback = |default: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, default + args.port_offset));
    let (yaml, descriptors) = (paths.edge_yaml(), paths.descriptors());
    let services =
        ServiceName::ALL.map(|service| (service.to_string(), vec![loopback(service.default_port())]));
    let bootstrap = render(&EdgeYamlParams {
        listen: loopback(ports::EDGE),
        admin: loopback(ports::EDGE_ADMIN),
        services: services.into(),
        trust_domain: TrustDomain::default().to_string(),
        certificate: identity.cert.clone(),
        private_key: identity.key.clone(),
        roots: identity.roots.clone(),
        descriptors: descriptors.clone(),
        rate_limit: args.rate_limit == Switch::On,
    });
    let folder = yaml.parent().expect("a file inside the data directory");
    private::folder(folder)
        .and_then(|()| write_if_changed(&descriptors, shopmesh_proto::DESCRIPTORS))
        .and_then(|()| write_if_changed(&yaml, bootstrap.as_bytes()))
        .with_context(|| format!("cannot write {}", folder.display()))
}
