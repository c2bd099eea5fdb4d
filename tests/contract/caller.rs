//! Anybody who can open a call: a user behind the edge, an operator, a service. Calls any RPC by its path, with JSON.

use std::collections::HashMap;

use bytes::{Buf, BufMut};
use serde_json::Value;
use shopmesh_mesh::{
    ServiceName,
    client::{MeshChannel, MeshClient},
    discovery::Directory,
    telemetry::Metrics,
    workload::{Identity, IdentityFiles, SpiffeId},
};
use shopmesh_proto::policy::{MethodPolicy, PolicyTable, Role};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataValue,
};

use crate::support::{
    Shop,
    json::{from_wire, to_wire},
};

/// On whose behalf a caller speaks.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    Anonymous,
    /// `users/...`, and what they may.
    User(String, Vec<(Role, String)>),
    OperatorCertificate,
    Service(ServiceName),
}

/// Somebody with a certificate and perhaps a token.
pub struct Caller {
    pub name: String,
    pub who: Who,
    peer: SpiffeId,
    channels: HashMap<String, MeshChannel>,
    pub token: Option<String>,
}

impl Caller {
    /// A caller with this peer's certificate.
    pub fn new(shop: &Shop, name: &str, peer: SpiffeId, who: Who, token: Option<String>) -> Self {
        let identity = Identity::load(&IdentityFiles::in_folder(&shop.data.join("pki"), &peer)).unwrap();
        let mesh = MeshClient::new(identity, Directory::loopback(shop.offset), Metrics::default());
        let channels = ServiceName::ALL.map(|service| (service.to_string(), mesh.channel(service))).into();
        Self { name: name.to_owned(), who, peer, channels, token }
    }

    /// Whether the contract lists this peer.
    pub fn is_peer_of(&self, policy: &MethodPolicy) -> bool {
        policy.peers.iter().any(|rule| self.peer.matches_peer_rule(rule))
    }

    /// Calls an RPC; of a stream, its first message.
    pub async fn call(&self, policy: &MethodPolicy, body: &Value) -> Result<Value, Status> {
        let (input, output) = types(policy);
        let answer = self.call_raw(policy, to_wire(&input, body)).await?;
        Ok(from_wire(&output, &answer).unwrap())
    }

    /// Calls an RPC with any bytes.
    pub async fn call_raw(&self, policy: &MethodPolicy, wire: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut request = Request::new(wire);
        if let Some(token) = &self.token {
            let bearer = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
            request.metadata_mut().insert("authorization", bearer);
        }
        // What every process serves is asked of one of them.
        let domain = if policy.domain.is_empty() { "orders" } else { &policy.domain };
        let path = policy.path.parse().unwrap();
        let mut grpc = Grpc::new(self.channels[domain].clone());
        if !policy.server_streaming {
            return grpc.unary(request, path, RawCodec).await.map(tonic::Response::into_inner);
        }
        let mut answers = grpc.server_streaming(request, path, RawCodec).await?.into_inner();
        answers.message().await?.ok_or_else(|| Status::new(Code::NotFound, "an empty stream"))
    }

    /// [`Self::call`] by the RPC's short name, such as `orders.v1.CartService/CreateCart`; it must succeed.
    pub async fn ok(&self, method: &str, body: Value) -> Value {
        let policy = PolicyTable::global().method(&format!("/shopmesh.{method}"));
        let policy = policy.unwrap_or_else(|| panic!("no RPC {method}"));
        let answer = self.call(policy, &body).await;
        answer.unwrap_or_else(|status| panic!("{} calls {method} with {body}: {status}", self.name))
    }
}

/// Full names of an RPC's request and answer.
pub fn types(policy: &MethodPolicy) -> (String, String) {
    let service = shopmesh_proto::descriptor_pool().get_service_by_name(&policy.service).unwrap();
    let method = service.methods().find(|method| method.name() == policy.method).unwrap();
    (method.input().full_name().to_owned(), method.output().full_name().to_owned())
}

/// Messages as they stand on the wire.
struct RawCodec;

impl Codec for RawCodec {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put_slice(&item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; source.remaining()];
        source.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}
