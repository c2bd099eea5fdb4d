//! What a transaction touched, and how waiters learn of its commit.

use tokio::sync::watch;

/// Something background tasks wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Events were appended.
    Events,
    /// Events were received.
    Inbox,
    /// Sagas were started or signaled.
    Sagas,
}

/// A set of topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Topics(u8);

impl Topics {
    pub(crate) const NONE: Topics = Topics(0);

    pub(crate) fn insert(&mut self, topic: Topic) {
        self.0 |= bit(topic);
    }
}

fn bit(topic: Topic) -> u8 {
    1 << (topic as u8)
}

/// Counts the commits of each topic.
#[derive(Debug, Default)]
pub(super) struct CommitCounts {
    events: watch::Sender<u64>,
    inbox: watch::Sender<u64>,
    sagas: watch::Sender<u64>,
}

impl CommitCounts {
    pub(super) fn subscribe(&self, topic: Topic) -> watch::Receiver<u64> {
        self.sender(topic).subscribe()
    }

    /// Tells of a commit.
    pub(super) fn committed(&self, touched: Topics) {
        for topic in [Topic::Events, Topic::Inbox, Topic::Sagas] {
            if touched.0 & bit(topic) != 0 {
                self.sender(topic).send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    }

    fn sender(&self, topic: Topic) -> &watch::Sender<u64> {
        match topic {
            Topic::Events => &self.events,
            Topic::Inbox => &self.inbox,
            Topic::Sagas => &self.sagas,
        }
    }
}
