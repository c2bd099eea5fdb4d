//! A mail server that keeps what it gets, or refuses it on demand.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::config::{SmtpSettings, TlsMode};

/// How a connection is treated.
#[derive(Clone, Copy)]
pub enum Answer {
    /// Takes the message.
    Accept,
    /// Takes the message, and addresses with letters outside of ASCII (RFC 6531).
    AcceptUtf8,
    /// 451 for its recipient.
    Busy,
    /// 550 for its recipient, naming it.
    Refuse,
    /// Closes without a word.
    HangUp,
}

/// A message it got.
#[derive(Clone, Default)]
pub struct Received {
    pub from: String,
    /// What follows the sender in `MAIL`.
    pub options: String,
    pub to: String,
    pub data: String,
}

pub struct SmtpSink {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl SmtpSink {
    /// Treats one connection after another by `answers`.
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { address: listener.local_addr().unwrap(), received: Arc::default() };
        let received = sink.received.clone();
        tokio::spawn(async move {
            for answer in answers {
                let (stream, _) = listener.accept().await.unwrap();
                if let Some(message) = converse(stream, answer).await {
                    received.lock().unwrap().push(message);
                }
            }
        });
        sink
    }

    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            from: "Shop <shop@example.com>".to_owned(),
            user: None,
            password: None,
            tls: TlsMode::None,
        }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// One connection; the message it brought, as soon as it was taken.
async fn converse(stream: TcpStream, answer: Answer) -> Option<Received> {
    if matches!(answer, Answer::HangUp) {
        return None;
    }
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await.ok()?;
    let mut message = Received::default();
    loop {
        let line = line(&mut stream).await?;
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            "MAIL" => {
                message.from = address();
                message.options = line.split('>').next_back().unwrap_or_default().trim().to_owned();
                "250 ok".to_owned()
            }
            "RCPT" => {
                message.to = address();
                match answer {
                    Answer::Busy => "451 try later".to_owned(),
                    Answer::Refuse => format!("550 no such user {}", message.to),
                    _ => "250 ok".to_owned(),
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                message.data = data(&mut stream).await?;
                stream.write_all(b"250 taken\r\n").await.ok()?;
                return Some(message);
            }
            "EHLO" if matches!(answer, Answer::AcceptUtf8) => {
                "250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned()
            }
            "QUIT" => return None,
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end().to_owned())
}

async fn data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut data = String::new();
    while !data.ends_with("\r\n.\r\n") {
        (stream.read_line(&mut data).await.ok()? > 0).then_some(())?;
    }
    Some(data)
}
