//! The gRPC codec of every generated client and server: protobuf, with requests brought into form and validated
//! as they are decoded, so that no handler ever sees an invalid one or two forms of one text.

use std::marker::PhantomData;

use prost::Message;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

use crate::validate::{Validate, accept, violations_to_status};

/// Encodes `T`, decodes `U`.
#[derive(Debug, Clone)]
pub struct ContractCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for ContractCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for ContractCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Validate + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ContractDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::new(Default::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ContractDecoder(PhantomData)
    }
}

/// Decodes and, if `U` is the input of an RPC, normalizes and validates.
#[derive(Debug)]
pub struct ContractDecoder<U>(PhantomData<U>);

impl<U: Message + Default + Validate> Decoder for ContractDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let mut message = U::decode(source).map_err(|error| {
            let text = format!("the message is not valid protobuf: {error}");
            if U::IS_REQUEST {
                Status::invalid_argument(text)
            } else {
                Status::new(tonic::Code::Internal, text)
            }
        })?;
        if U::IS_REQUEST {
            accept(&mut message).map_err(violations_to_status)?;
        }
        Ok(Some(message))
    }
}
