//! Clients that are gone without a word are found out by a PING (RFC 9113, 6.7).

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::{lifetime::ConnectionLifetime, limits};

/// Asks whoever says nothing for [`limits::PING_INTERVAL`].
pub struct KeepAlive {
    pings: PingPong,
    lifetime: Arc<ConnectionLifetime>,
    timer: Pin<Box<Sleep>>,
    is_asked: bool,
}

impl KeepAlive {
    pub fn new(pings: PingPong, lifetime: Arc<ConnectionLifetime>) -> Self {
        let timer = Box::pin(sleep_until(Instant::now() + limits::PING_INTERVAL));
        Self { pings, lifetime, timer, is_asked: false }
    }

    /// Ready when the client has not answered in time. To be polled before the connection, which sends what this asks.
    pub fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.is_asked {
                match self.pings.poll_pong(context) {
                    Poll::Ready(Ok(_)) => {
                        self.is_asked = false;
                        self.timer.as_mut().reset(Instant::now() + limits::PING_INTERVAL);
                    }
                    // The connection has ended, which it tells itself.
                    Poll::Ready(Err(_)) => return Poll::Pending,
                    Poll::Pending => return self.timer.as_mut().poll(context),
                }
            }
            ready!(self.timer.as_mut().poll(context));
            let (now, due) = (Instant::now(), self.lifetime.last_received() + limits::PING_INTERVAL);
            if due > now {
                self.timer.as_mut().reset(due);
                continue;
            }
            if self.pings.send_ping(Ping::opaque()).is_err() {
                return Poll::Pending;
            }
            self.is_asked = true;
            self.timer.as_mut().reset(now + limits::PING_TIMEOUT);
        }
    }
}
