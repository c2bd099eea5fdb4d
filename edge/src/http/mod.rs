//! What every part of the edge knows of HTTP: bodies and who holds them, header fields, and answers of the edge's own.

mod body;
mod buffers;
mod collect;
mod grpc;
mod headers;
mod local_reply;

pub use body::{Body, BoxError, Request, Response, empty, full};
pub use buffers::{Account, BufferBudget, HeldBody, Reservation};
pub use collect::{Incomplete, LONGEST, collect_answer, collect_request};
pub use grpc::{code, grpc_code_of_http, is_grpc, percent_encode_message, put_details};
pub use headers::{ORIGINAL_PATH, strip_hop_by_hop, strip_untrusted};
pub use local_reply::{ClientProtocol, LocalReply, ceil_seconds, put_challenge};
