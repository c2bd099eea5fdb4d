//! A call's status: from trailers or headers, as an HTTP status and as `google.rpc.Status`.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderMap, StatusCode};
use percent_encoding::percent_decode_str;
use prost::Message;
use shopmesh_json::{
    google::rpc::{Code, RetryInfo, Status},
    http_status,
};

/// Binary metadata may be padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The status of a finished call; none if the upstream gave none.
pub fn of(trailers: &HeaderMap) -> Option<Status> {
    let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
    let code = text("grpc-status")?.parse().ok()?;
    let detailed = text("grpc-status-details-bin")
        .and_then(|value| BASE64.decode(value).ok())
        .and_then(|bytes| Status::decode(bytes.as_slice()).ok())
        .filter(|status| status.code == code);
    Some(detailed.unwrap_or_else(|| {
        let message =
            text("grpc-message").map(|value| percent_decode_str(value).decode_utf8_lossy().into_owned());
        Status { code, message: message.unwrap_or_default(), details: Vec::new() }
    }))
}

/// The HTTP status of a gRPC code; one that gRPC does not know is a defect.
pub fn http(code: i32) -> StatusCode {
    StatusCode::from_u16(http_status(Code::try_from(code).unwrap_or(Code::Unknown)))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Seconds for `retry-after`, from RetryInfo, rounded up.
pub fn retry_after(status: &Status) -> Option<u64> {
    let info = status.details.iter().find(|detail| detail.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.as_slice()).ok()?.retry_delay?;
    let seconds = u64::try_from(delay.seconds).ok()?;
    Some(seconds + u64::from(delay.nanos > 0))
}
