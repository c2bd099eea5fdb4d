//! Where the services of a shop are, and where those of this process listen.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use shopmesh_mesh::{
    ServiceName,
    discovery::{Directory, HostPort},
};
use shopmesh_proto::ports;

use crate::{addresses::Listen, cli::ServeArgs};

/// Where everything is, as one process sees it.
#[derive(Debug)]
pub struct Places {
    listen: Listen,
    port_offset: u16,
    /// The way to each service.
    pub directory: Directory,
}

impl Places {
    /// All on this machine.
    pub fn loopback(port_offset: u16) -> Self {
        let listen = Listen { address: Ipv4Addr::LOCALHOST.into(), port: None };
        Self { listen, port_offset, directory: Directory::loopback(port_offset) }
    }

    /// As `serve` is told.
    ///
    /// # Errors
    /// When one port is to serve several services, or what `--peers` makes of a service is no host and port.
    pub fn of(args: &ServeArgs, services: &[ServiceName]) -> anyhow::Result<Self> {
        let mut places = Self::loopback(args.shop.port_offset);
        if let Some(listen) = args.listen {
            if listen.port.is_some() && services.len() > 1 {
                bail!("--listen: {} services do not fit on one port: give the address alone", services.len());
            }
            places.listen = listen;
        }
        if args.peers.is_some() || !args.peer.is_empty() {
            let template = args.peers.as_deref().unwrap_or("127.0.0.1:{port}");
            let hosts = |service| -> anyhow::Result<_> {
                let named = args.peer.iter().rev().find(|peer| peer.service == service);
                let port = service.default_port() + args.shop.port_offset;
                Ok(match named {
                    Some(peer) => peer.hosts.clone(),
                    None => vec![expand(template, service, port).context("--peers")?],
                })
            };
            let all = ServiceName::ALL.into_iter().map(|service| Ok((service, hosts(service)?)));
            places.directory = Directory::of(all.collect::<anyhow::Result<_>>()?);
        }
        Ok(places)
    }

    /// Where a service of this process listens.
    pub fn listen(&self, service: ServiceName) -> SocketAddr {
        let port = self.listen.port.unwrap_or(service.default_port() + self.port_offset);
        SocketAddr::new(self.listen.address, port)
    }

    /// Where a process that serves `first` answers probes when nobody says otherwise.
    pub fn admin(&self, first: ServiceName) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, first.default_port() + ports::ADMIN_ABOVE + self.port_offset).into()
    }
}

fn expand(template: &str, service: ServiceName, port: u16) -> anyhow::Result<HostPort> {
    let text = template.replace("{service}", service.as_str()).replace("{port}", &port.to_string());
    Ok(text.parse()?)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ServeArgs,
    }

    fn places(line: &str) -> anyhow::Result<Places> {
        let words = std::iter::once("serve").chain(line.split_whitespace());
        let args = Line::try_parse_from(words)?.args;
        let services = args.services.clone();
        Places::of(&args, &services)
    }

    #[test]
    fn addresses_with_and_without_a_port() {
        let at = |line: &str| places(line).unwrap().listen(ServiceName::Orders).to_string();
        assert_eq!(at("orders"), "127.0.0.1:9104");
        assert_eq!(at("orders --port-offset 1000"), "127.0.0.1:10104");
        assert_eq!(at("orders payments --listen 0.0.0.0"), "0.0.0.0:9104");
        assert_eq!(at("orders --listen [::]:443"), "[::]:443");
        let error = places("orders payments --listen 0.0.0.0:443").unwrap_err().to_string();
        assert!(error.contains("do not fit on one port"), "{error}");
        assert!(places("orders --listen here").is_err());
    }

    #[test]
    fn peers_are_a_pattern_with_exceptions() {
        let known = |line: &str| format!("{:?}", places(line).unwrap().directory);
        let both = known("orders --peers shop-{service}.svc:{port} --peer payments=10.0.0.7:1,10.0.0.8:2");
        for part in ["shop-catalog.svc", "9102", "10.0.0.7", "10.0.0.8"] {
            assert!(both.contains(part), "{part} in {both}");
        }
        assert!(!both.contains("shop-payments"), "{both}");
        for wrong in
            ["--peers {service}", "--peer orders", "--peer order=a:1", "--peer orders=a", "--certificate x"]
        {
            assert!(places(&format!("orders {wrong}")).is_err(), "{wrong}");
        }
    }
}
