//! A whole body: up to a limit, in time, and within the budget of who sends it.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use super::{
    body::Body,
    buffers::{Reservation, Shed},
    grpc::code,
    local_reply::LocalReply,
};

/// A body of which nothing comes is waited for as long.
const FIRST: Duration = Duration::from_secs(10);
/// A second more for each so many bytes that have come: the slowest that a client may be.
const BYTES_PER_SECOND: usize = 1024;
/// No body takes longer, unless `request_timeout` says so.
pub const LONGEST: Duration = Duration::from_secs(60);

/// Why a body was not read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomplete {
    /// It is larger than the limit.
    TooLarge,
    /// It broke off.
    Broken,
    /// It took too long.
    TooSlow,
    /// There was no room for it.
    Shed(Shed),
}

impl Incomplete {
    /// What the sender of a request is told.
    pub fn of_request(self) -> LocalReply {
        match self {
            Self::TooLarge => {
                let message = "the body is larger than the edge takes";
                LocalReply::new(StatusCode::PAYLOAD_TOO_LARGE, "request_payload_too_large", message)
                    .with_code(code::RESOURCE_EXHAUSTED)
            }
            Self::Broken => {
                let message = "the request body ended early or is malformed";
                LocalReply::new(StatusCode::BAD_REQUEST, "request_body_error", message)
                    .with_code(code::INVALID_ARGUMENT)
            }
            Self::TooSlow => {
                let message = "the body took too long to arrive";
                LocalReply::new(StatusCode::REQUEST_TIMEOUT, "request_body_timeout", message)
                    .with_code(code::DEADLINE_EXCEEDED)
            }
            Self::Shed(shed) => shed.reply(),
        }
    }
}

/// Reads a request's body, which must arrive in `longest` and not come to a halt before.
pub async fn collect_request(
    mut body: Body,
    limit: usize,
    longest: Duration,
    held: &mut Reservation,
) -> Result<Bytes, Incomplete> {
    let started = Instant::now();
    let mut whole = BodyCollector { data: BytesMut::new(), limit, held };
    loop {
        let until = started + allowed(whole.data.len(), longest);
        match timeout_at(until, body.frame()).await.map_err(|_| Incomplete::TooSlow)? {
            None => return Ok(whole.data.freeze()),
            Some(frame) => {
                if let Ok(piece) = frame.map_err(|_| Incomplete::Broken)?.into_data() {
                    whole.push(&piece)?;
                }
            }
        }
    }
}

/// Reads data and trailers of an answer; the route's timeout sees to its time.
pub async fn collect_answer(
    mut body: Body,
    limit: usize,
    held: &mut Reservation,
) -> Result<(Bytes, HeaderMap), Incomplete> {
    let mut whole = BodyCollector { data: BytesMut::new(), limit, held };
    let mut trailers = HeaderMap::new();
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Incomplete::Broken)?.into_data() {
            Ok(piece) => whole.push(&piece)?,
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    Ok((whole.data.freeze(), trailers))
}

/// How long a body may have taken of which so much has come.
fn allowed(received: usize, longest: Duration) -> Duration {
    let seconds = u64::try_from(received / BYTES_PER_SECOND).unwrap_or(u64::MAX);
    FIRST.saturating_add(Duration::from_secs(seconds)).min(longest)
}

struct BodyCollector<'a> {
    data: BytesMut,
    limit: usize,
    held: &'a mut Reservation,
}

impl BodyCollector<'_> {
    fn push(&mut self, piece: &[u8]) -> Result<(), Incomplete> {
        if self.data.len() + piece.len() > self.limit {
            return Err(Incomplete::TooLarge);
        }
        self.held.resize(self.data.len() + piece.len()).map_err(Incomplete::Shed)?;
        self.data.extend_from_slice(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::{super::buffers::BufferBudget, *};

    #[tokio::test(start_paused = true)]
    async fn half_a_body_is_given_up() {
        use futures_util::stream::{self, StreamExt as _};
        let half =
            stream::iter([Ok(Frame::data(Bytes::from_static(&[b' '; 5096])))]).chain(stream::pending());
        let budget = BufferBudget::default();
        let mut held = budget.account(([1, 1, 1, 1], 1).into(), [1, 1, 1, 1].into()).for_request(8000);
        let started = Instant::now();
        let body = StreamBody::new(half).boxed_unsync();
        let end = collect_request(body, 8000, LONGEST, &mut held).await;
        let late = FIRST + Duration::from_secs(4);
        assert_eq!((end, started.elapsed(), budget.held()), (Err(Incomplete::TooSlow), late, 1000));
        drop(held);
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn a_body_may_be_slow_but_not_stand_still() {
        assert_eq!(allowed(0, LONGEST), FIRST);
        assert_eq!(allowed(20 * 1024, LONGEST), Duration::from_secs(30));
        assert_eq!(allowed(1 << 20, LONGEST), LONGEST);
        assert_eq!(
            allowed(0, Duration::from_secs(1)),
            Duration::from_secs(1),
            "`request_timeout` may be short"
        );
    }
}
