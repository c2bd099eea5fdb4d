//! Connections of HTTP/2 that ask for nothing (RFC 9113): frames of one kind, a thousand a millisecond.

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout_at},
};

/// The client that floods is not the one that is measured.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Before the next connection when one was ended: a machine has only so many ports.
const PAUSE: Duration = Duration::from_millis(10);
/// Bytes of frames that are written at once, about.
const BATCH: usize = 16 * 1024;
/// Between two batches: millions of frames a second are more than a server handles one by one, and to make and to drop them leaves
/// the machine to what is measured.
const BETWEEN: Duration = Duration::from_millis(1);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADER: usize = 9;
const GOAWAY: u8 = 7;

/// A kind of frame.
#[derive(Clone, Copy, Debug)]
pub enum Frame {
    Settings,
    Ping,
    WindowUpdate,
    Priority,
}

impl Frame {
    pub const ALL: [Self; 4] = [Self::Settings, Self::Ping, Self::WindowUpdate, Self::Priority];

    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "SETTINGS",
            Self::Ping => "PING",
            Self::WindowUpdate => "WINDOW_UPDATE",
            Self::Priority => "PRIORITY",
        }
    }

    /// One that any server takes.
    fn bytes(self) -> Vec<u8> {
        let (kind, stream, payload): (u8, u8, &[u8]) = match self {
            Self::Settings => (4, 0, &[]),
            Self::Ping => (6, 0, &[0; 8]),
            Self::WindowUpdate => (8, 0, &[0, 0, 0, 1]),
            Self::Priority => (2, 1, &[0, 0, 0, 0, 15]),
        };
        let length = u8::try_from(payload.len()).unwrap_or(u8::MAX);
        [&[0, 0, length, kind, 0, 0, 0, 0, stream], payload].concat()
    }
}

/// What became of a flood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Frames that were taken off our hands.
    pub frames: usize,
    /// Connections that the server ended.
    pub ended: usize,
    /// Those of them on which a GOAWAY came.
    pub told: usize,
}

impl Outcome {
    pub fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.ended += other.ended;
        self.told += other.told;
    }
}

/// Floods over one connection after another until `end`.
pub async fn flood(edge: SocketAddr, frame: Frame, end: Instant) -> anyhow::Result<Outcome> {
    let one = frame.bytes();
    let each = BATCH / one.len();
    let (batch, mut outcome) = (one.repeat(each), Outcome::default());
    while Instant::now() < end {
        let socket = TcpSocket::new_v4()?;
        socket.bind((ADDRESS, 0).into())?;
        let (reading, writing) = tokio::io::split(socket.connect(edge).await?);
        let (mut batches, mut goaway) = (0, false);
        let over = timeout_at(end, async {
            let mut reading = pin!(read(reading, &mut goaway));
            tokio::select! {
                () = &mut reading => {}
                // What was said before the end can still be read.
                () = write(writing, &batch, &mut batches) => reading.await,
            }
        });
        let is_ended = over.await.is_ok();
        outcome.frames += batches * each;
        outcome.told += usize::from(goaway);
        if is_ended {
            outcome.ended += 1;
            sleep(PAUSE).await;
        }
    }
    Ok(outcome)
}

/// Greets, and writes batches until no more are taken.
async fn write(mut stream: WriteHalf<TcpStream>, batch: &[u8], batches: &mut usize) {
    let greeting = [PREFACE, &Frame::Settings.bytes()].concat();
    if stream.write_all(&greeting).await.is_err() {
        return;
    }
    while stream.write_all(batch).await.is_ok() {
        *batches += 1;
        sleep(BETWEEN).await;
    }
}

/// Reads to the end, and notes whether a GOAWAY came.
async fn read(mut stream: ReadHalf<TcpStream>, goaway: &mut bool) {
    let mut unread = Vec::with_capacity(2 * BATCH);
    while stream.read_buf(&mut unread).await.is_ok_and(|bytes| bytes > 0) {
        let (known, types) = whole_frames(&unread);
        *goaway |= types.contains(&GOAWAY);
        unread.drain(..known);
    }
}

/// How many bytes are whole frames, and the types of these.
fn whole_frames(bytes: &[u8]) -> (usize, Vec<u8>) {
    let (mut at, mut types) = (0, Vec::new());
    while let [a, b, c, kind, ..] = bytes[at..] {
        let length = HEADER + usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap_or(usize::MAX);
        if bytes.len() - at < length {
            break;
        }
        types.push(kind);
        at += length;
    }
    (at, types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_wherever_they_are_cut() {
        let goaway = [&[0, 0, 8, GOAWAY, 0, 0, 0, 0, 0][..], &[0; 8]].concat();
        let bytes = [Frame::Ping.bytes(), Frame::Settings.bytes(), goaway].concat();
        assert_eq!(whole_frames(&bytes), (bytes.len(), vec![6, 4, GOAWAY]));
        for cut in 0..bytes.len() {
            let (known, mut types) = whole_frames(&bytes[..cut]);
            types.extend(whole_frames(&bytes[known..]).1);
            assert_eq!(types, [6, 4, GOAWAY], "{cut}");
        }
    }
}
