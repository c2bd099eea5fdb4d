//! HTTP/2: frames that ask for nothing. SETTINGS, PING, WINDOW_UPDATE, PRIORITY and the like cost a server about as much as a
//! request does and no rate limit sees them, so that three connections of them slow everybody down (CVE-2019-9511 to -9518).
//! What a client does for its requests and for the answers it reads is free, and a flood soon runs out of that. Envoy and
//! nghttp2 count in the same manner.

use std::time::{Duration, Instant};

/// Idle frames that a connection may send at once, and that it regains over time.
const BURST: u64 = 1000;
/// Idle frames that a connection regains in a second.
const PER_SECOND: u64 = 100;
/// Earned with each request that is let in: its HEADERS, and priority, windows, settings and reset of its stream. One that is refused
/// earns nothing.
const PER_REQUEST: u64 = 9;
/// Earned with each DATA frame that holds something.
const PER_DATA: u64 = 2;
/// Bytes sent to the client that earn a frame: it answers them with WINDOW_UPDATE, gRPC clients with PING too. What a flood is
/// answered with, at most a PING of 17 bytes each, does not pay for it.
const BYTES_SENT: usize = 64;
/// Most that can be saved.
const MOST: u64 = 10_000;

/// CONTINUATION frames without end in [`CONTINUATION_FLOOD`]; more than `h2` takes under any header limit of ours.
const ENDLESS: usize = 100;
const FRAME_HEADER: usize = 9;
const CONTINUATION_FLOOD_BYTES: [u8; FRAME_HEADER * (1 + ENDLESS)] = endless_headers();
/// Headers that never end. `h2` has no way to be told of a flood, but answers this one with GOAWAY and ENHANCE_YOUR_CALM.
pub const CONTINUATION_FLOOD: &[u8] = &CONTINUATION_FLOOD_BYTES;

const fn endless_headers() -> [u8; FRAME_HEADER * (1 + ENDLESS)] {
    let mut bytes = [0; FRAME_HEADER * (1 + ENDLESS)];
    let mut frame = 0;
    while frame <= ENDLESS {
        // Empty, without flags, on the last stream that a client may open.
        let at = frame * FRAME_HEADER;
        bytes[at + 3] = if frame == 0 { HEADERS } else { CONTINUATION };
        (bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8]) = (0x7f, 0xff, 0xff, 0xff);
        frame += 1;
    }
    bytes
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

/// Counts the frames of one connection, from behind the preface on.
#[derive(Debug)]
pub struct Frames {
    header: [u8; FRAME_HEADER],
    /// Bytes of `header` that are there.
    known: usize,
    /// Bytes left of the frame's payload.
    payload: usize,
    credit: u64,
    /// Requests that have earned something.
    requests: u64,
    /// Bytes sent that have not yet earned a frame.
    sent: usize,
    regained: Instant,
    flooded: bool,
}

impl Frames {
    pub fn new() -> Self {
        Self {
            header: [0; FRAME_HEADER],
            known: 0,
            payload: 0,
            credit: BURST,
            requests: 0,
            sent: 0,
            regained: Instant::now(),
            flooded: false,
        }
    }

    /// Reads on, when so many `requests` have been let in. Some if this is a flood: how many of `bytes` come before the end
    /// of the frame that is too many.
    pub fn read(&mut self, bytes: &[u8], requests: u64) -> Option<usize> {
        self.earn(requests.saturating_sub(self.requests).saturating_mul(PER_REQUEST));
        self.requests = requests;
        let mut at = 0;
        loop {
            let skipped = self.payload.min(bytes.len() - at);
            self.payload -= skipped;
            at += skipped;
            if self.payload > 0 {
                return None;
            }
            if self.flooded {
                return Some(at);
            }
            let piece = &bytes[at..bytes.len().min(at + FRAME_HEADER - self.known)];
            self.header[self.known..self.known + piece.len()].copy_from_slice(piece);
            self.known += piece.len();
            at += piece.len();
            if self.known < FRAME_HEADER {
                return None;
            }
            self.known = 0;
            self.begin();
        }
    }

    fn begin(&mut self) {
        let [a, b, c, kind, flags, ..] = self.header;
        self.payload = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
        match kind {
            DATA if self.payload > 0 => self.earn(PER_DATA),
            // The end of a request, once; and what `h2` bounds.
            DATA if flags & END_STREAM != 0 => {}
            CONTINUATION => {}
            _ => self.spend(),
        }
    }

    /// Notes that the client was sent something.
    pub fn sent(&mut self, bytes: usize) {
        self.sent += bytes;
        self.earn(u64::try_from(self.sent / BYTES_SENT).unwrap_or(u64::MAX));
        self.sent %= BYTES_SENT;
    }

    fn earn(&mut self, frames: u64) {
        self.credit = self.credit.saturating_add(frames).min(MOST);
    }

    fn spend(&mut self) {
        if self.credit == 0 {
            let idle = self.regained.elapsed();
            self.regained += idle;
            self.credit = regained(idle);
        }
        match self.credit.checked_sub(1) {
            Some(left) => self.credit = left,
            None => self.flooded = true,
        }
    }
}

fn regained(idle: Duration) -> u64 {
    u64::try_from(idle.as_millis()).unwrap_or(u64::MAX).saturating_mul(PER_SECOND).div_euclid(1000).min(BURST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: u8 = 6;
    const WINDOW_UPDATE: u8 = 8;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
        bytes.resize(FRAME_HEADER + payload, 0);
        bytes
    }

    #[test]
    fn a_flood_ends_at_a_frame_however_its_bytes_come() {
        for (kind, payload) in
            [(2, 5), (3, 4), (4, 0), (PING, 8), (WINDOW_UPDATE, 4), (DATA, 0), (77, 3), (HEADERS, 9)]
        {
            let flood = frame(kind, 0, payload).repeat(3000);
            for size in [1, 7, 16_384] {
                let mut frames = Frames::new();
                let mut passed = 0;
                let cut = flood.chunks(size).find_map(|piece| {
                    let cut = frames.read(piece, 0);
                    passed += cut.unwrap_or(piece.len());
                    cut
                });
                assert!(cut.is_some(), "{kind}");
                assert_eq!(passed % (FRAME_HEADER + payload), 0);
                assert!((1000..1200).contains(&(passed / (FRAME_HEADER + payload))), "{kind}: {passed}");
            }
        }
    }

    #[test]
    fn requests_and_answers_pay_for_their_frames() {
        let mut frames = Frames::new();
        for requests in 0..10_000 {
            assert_eq!(frames.read(&frame(HEADERS, 4, 30), requests), None);
            for kind in [2, 3, WINDOW_UPDATE, WINDOW_UPDATE, 4, PING] {
                assert_eq!(frames.read(&frame(kind, 0, 8), requests), None);
            }
        }
        // A long download, read in small pieces.
        let mut frames = Frames::new();
        for _ in 0..10_000 {
            frames.sent(16_384);
            for _ in 0..20 {
                assert_eq!(frames.read(&frame(WINDOW_UPDATE, 0, 4), 1), None);
            }
        }
        // An upload.
        let mut frames = Frames::new();
        for _ in 0..10_000 {
            assert_eq!(frames.read(&[frame(DATA, 0, 1000), frame(PING, 0, 8)].concat(), 1), None);
        }
    }

    #[test]
    fn time_pays_too() {
        assert_eq!(regained(Duration::from_secs(1)), PER_SECOND);
        assert_eq!(regained(Duration::from_secs(3600)), BURST);
    }
}
