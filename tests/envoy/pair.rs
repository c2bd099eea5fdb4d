//! Real Envoy and our edge before the same services. Envoy runs the YAML as it was rendered; ours the same with two ports changed,
//! since both want to listen.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use bytes::Bytes;
use http::Request;

use super::{compare::Case, view::Bodies};
use crate::support::{
    Process, Shop, envoy,
    http::{Answer, BrokenOff, try_send},
};

/// Two edges with the same bootstrap.
pub struct Pair {
    pub envoy: SocketAddr,
    pub ours: SocketAddr,
    _processes: Vec<Process>,
}

impl Pair {
    /// Starts our edge beside the Envoy of a shop.
    pub fn beside(shop: &Shop) -> Self {
        let (ours, edge) = start_ours(&shop.edge_yaml(), [shop.port(8080), shop.port(9901)]);
        Self { envoy: shop.address(), ours, _processes: vec![edge] }
    }

    /// Starts both from a bootstrap that names these ports.
    pub fn start(yaml: &Path, public: u16, admin: u16) -> Self {
        let envoy = envoy::start(yaml, admin);
        let (ours, edge) = start_ours(yaml, [public, admin]);
        Self { envoy: (Ipv4Addr::LOCALHOST, public).into(), ours, _processes: vec![envoy, edge] }
    }

    /// The answers of Envoy and of ours, each read until `enough` has come or to its end.
    pub async fn ask(
        &self,
        request: &Request<Bytes>,
        enough: fn(&[u8]) -> bool,
    ) -> [Result<Answer, BrokenOff>; 2] {
        let envoy = try_send(self.envoy, request.clone(), enough).await;
        [envoy, try_send(self.ours, request.clone(), enough).await]
    }

    /// The same for a request that only reads, at a time when nothing changes what it reads: Envoy answers the same before and after
    /// ours.
    pub async fn ask_in_peace(
        &self,
        request: &Request<Bytes>,
        enough: fn(&[u8]) -> bool,
        bodies: &Bodies,
    ) -> [Result<Answer, BrokenOff>; 2] {
        for _ in 0..200 {
            let [envoy, ours] = self.ask(request, enough).await;
            let again = try_send(self.envoy, request.clone(), enough).await;
            if Case::new("Envoy twice", &[envoy.clone(), again], bodies).is_equal() {
                return [envoy, ours];
            }
        }
        panic!("{} {} never answers the same twice", request.method(), request.uri());
    }
}

fn start_ours(yaml: &Path, ports: [u16; 2]) -> (SocketAddr, Process) {
    let bootstrap = fs::read_to_string(yaml).unwrap();
    let file = yaml.with_extension("ours.yaml");
    fs::write(&file, envoy::with_ports(&bootstrap, ports.map(|port| (port, 0)))).unwrap();
    let arguments = ["edge", "--config", &file.display().to_string()];
    let mut edge = Process::shopmesh(&arguments, &file.with_extension("log"));
    let address = edge.wait_for("our edge listens", |edge| {
        let log = edge.log();
        let (_, address) = log.split_once("listening on http://")?;
        address.split_once('\n')?.0.parse().ok()
    });
    (address, edge)
}
