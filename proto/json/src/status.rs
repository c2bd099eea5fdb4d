//! `google.rpc.Status` as JSON: the form of every error at the REST border.

use super::codec::JsonCodec;
use super::google::rpc::{Code, Status};
use super::options::PrintOptions;
use super::print::Printer;
use super::writer::Writer;

/// The HTTP status of a gRPC code (google/rpc/code.proto).
pub fn http_status(code: Code) -> u16 {
    match code {
        Code::Ok => 200,
        Code::Cancelled => 499,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => 400,
        Code::DeadlineExceeded => 504,
        Code::NotFound => 404,
        Code::AlreadyExists | Code::Aborted => 409,
        Code::PermissionDenied => 403,
        Code::ResourceExhausted => 429,
        Code::Unimplemented => 501,
        Code::Unavailable => 503,
        Code::Unauthenticated => 401,
        Code::Unknown | Code::Internal | Code::DataLoss => 500,
    }
}

impl JsonCodec {
    /// Prints a status. A detail that neither this codec nor [`JsonCodec::google`] can print is kept as base64 rather than lost.
    pub fn status_to_json(&self, status: &Status, options: &PrintOptions) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.extend_from_slice(b"{\"code\":");
        Writer::new(&mut out, false).integer(status.code);
        out.extend_from_slice(b",\"message\":");
        Writer::new(&mut out, false).string(&status.message);
        out.extend_from_slice(b",\"details\":[");
        for (at, detail) in status.details.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            self.detail(&detail.type_url, &detail.value, options, &mut out);
        }
        out.extend_from_slice(b"]}");
        out
    }

    fn detail(&self, url: &str, value: &[u8], options: &PrintOptions, out: &mut Vec<u8>) {
        // The status itself is printed on one line, so its details are.
        let options = PrintOptions { add_whitespace: false, ..*options };
        let start = out.len();
        for codec in [self, Self::google()] {
            let writer = Writer::new(out, false);
            let printed =
                Printer::print(&codec.tables, &options, writer, |printer| printer.any_of(url, value));
            if printed.is_ok() {
                return;
            }
            out.truncate(start);
        }
        out.extend_from_slice(b"{\"@type\":");
        Writer::new(out, false).string(url);
        out.extend_from_slice(b",\"value\":");
        Writer::new(out, false).base64(value);
        out.push(b'}');
    }
}
