//! Addresses as they are given on the command line.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use anyhow::Context;
use shopmesh_mesh::{ServiceName, discovery::HostPort};

/// An address to listen on, with or without a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// Where.
    pub address: IpAddr,
    /// None is each service's own.
    pub port: Option<u16>,
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse() {
            return Ok(Self { address, port: None });
        }
        match text.parse::<SocketAddr>() {
            Ok(at) => Ok(Self { address: at.ip(), port: Some(at.port()) }),
            Err(_) => Err(format!("`{text}` is no address, such as 0.0.0.0, 10.0.0.7:9104 or [::]:9104")),
        }
    }
}

/// The endpoints of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Which service.
    pub service: ServiceName,
    /// Its instances.
    pub hosts: Vec<HostPort>,
}

impl FromStr for Peer {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (service, hosts) =
            text.split_once('=').context("is not SERVICE=HOST:PORT, such as orders=10.0.0.7:9104")?;
        let hosts = hosts.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { service: service.parse()?, hosts })
    }
}
