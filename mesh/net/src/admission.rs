//! Who may hold a connection. One that has not yet said who it is, by a TLS handshake or a first request, is silent: it is
//! counted apart, and makes room, oldest first, when another one comes. When there is none, those that have been idle for
//! longest are asked to go (as nginx reuses connections when it has no more).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use super::lifetime::ConnectionLifetime;

/// Idle connections that are asked to go at once, so that a full listener does not look through all for each new one.
const IDLE_EVICTIONS: usize = 32;

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one address.
    pub per_peer: usize,
    /// Silent ones from one address.
    pub silent_per_peer: usize,
}

/// The connections of one listener. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: ConnectionLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    total: usize,
    peers: HashMap<IpAddr, Peer>,
    /// In the order in which they came.
    silent: BTreeMap<u64, (IpAddr, Arc<CloseSignals>)>,
    known: HashMap<u64, (IpAddr, Arc<CloseSignals>, Arc<ConnectionLifetime>)>,
}

/// How a connection is told to make room.
#[derive(Debug, Default)]
struct CloseSignals {
    cut: Notify,
    finish: Notify,
}

#[derive(Debug, Default)]
struct Peer {
    permits: usize,
    silent: BTreeSet<u64>,
}

/// The permit of a connection; dropping it gives it back.
#[derive(Debug)]
pub struct ConnectionPermit {
    admission: Admission,
    id: u64,
    peer: IpAddr,
    signals: Arc<CloseSignals>,
    known: AtomicBool,
}

impl Admission {
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Inner { limits, state: Mutex::default() }))
    }

    /// A permit for a connection from `address`. None when all are taken by connections that are in use.
    pub fn admit(&self, address: IpAddr) -> Option<ConnectionPermit> {
        let (limits, peer) = (self.0.limits, network(address));
        let mut state = self.lock();
        let own = state.peers.entry(peer).or_default();
        if own.silent.len() >= limits.silent_per_peer || own.permits >= limits.per_peer {
            let oldest = own.silent.first().copied()?;
            state.cut(oldest);
        }
        if state.total >= limits.total && !state.make_room() {
            return None;
        }
        let (id, signals) = (state.next, Arc::<CloseSignals>::default());
        state.next += 1;
        state.total += 1;
        state.silent.insert(id, (peer, signals.clone()));
        let own = state.peers.entry(peer).or_default();
        own.permits += 1;
        own.silent.insert(id);
        drop(state);
        Some(ConnectionPermit { admission: self.clone(), id, peer, signals, known: AtomicBool::new(false) })
    }

    /// Ends connections that nobody needs, if there are any.
    pub fn make_room(&self) {
        self.lock().make_room();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics while it is held")
    }
}

impl State {
    fn make_room(&mut self) -> bool {
        if let Some(oldest) = self.silent.first_key_value().map(|(id, _)| *id) {
            self.cut(oldest);
            return true;
        }
        let idle = self.known.iter().filter_map(|(id, (.., lifetime))| Some((lifetime.idle_since()?, *id)));
        let mut idle: Vec<_> = idle.collect();
        idle.sort_unstable();
        for (_, id) in idle.iter().take(IDLE_EVICTIONS) {
            if let Some((peer, signals, _)) = self.known.remove(id) {
                self.leave(peer, *id);
                signals.finish.notify_one();
            }
        }
        !idle.is_empty()
    }

    fn cut(&mut self, id: u64) {
        if let Some((peer, signals)) = self.silent.remove(&id) {
            self.leave(peer, id);
            signals.cut.notify_one();
        }
    }

    fn leave(&mut self, peer: IpAddr, id: u64) {
        self.total -= 1;
        let Some(own) = self.peers.get_mut(&peer) else { return };
        own.permits -= 1;
        own.silent.remove(&id);
        if own.permits == 0 {
            self.peers.remove(&peer);
        }
    }
}

impl ConnectionPermit {
    /// Resolves when the connection, still silent, has to make room.
    pub async fn cut(&self) {
        self.signals.cut.notified().await;
    }

    /// Resolves when the connection should end as soon as it can.
    pub async fn evicted(&self) {
        self.signals.finish.notified().await;
    }

    /// The connection has said who it is.
    pub fn mark_known(&self, lifetime: &Arc<ConnectionLifetime>) {
        if self.known.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.admission.lock();
        // Otherwise it was cut, and is about to end.
        if state.silent.remove(&self.id).is_some() {
            if let Some(own) = state.peers.get_mut(&self.peer) {
                own.silent.remove(&self.id);
            }
            state.known.insert(self.id, (self.peer, self.signals.clone(), lifetime.clone()));
            self.known.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut state = self.admission.lock();
        // One that has made room has left already.
        if state.known.remove(&self.id).is_some() || state.silent.remove(&self.id).is_some() {
            state.leave(self.peer, self.id);
        }
    }
}

/// What is counted as one address: of IPv6 a /64, which is what one customer is given.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::lifetime::{ActiveRequest, ConnectionTimeouts};

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn admission(total: usize, per_peer: usize, silent_per_peer: usize) -> Admission {
        Admission::new(ConnectionLimits { total, per_peer, silent_per_peer })
    }

    /// A connection with a running request, or one that is idle.
    fn lifetime(busy: bool) -> (Arc<ConnectionLifetime>, Option<ActiveRequest>) {
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        let running = lifetime.begin(true);
        (lifetime, busy.then_some(running))
    }

    fn was_cut(permit: &ConnectionPermit) -> bool {
        permit.cut().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_silent_one_of_an_address_makes_room_for_its_next() {
        let admission = admission(100, 10, 2);
        let permits: Vec<_> = (0..4).map(|_| admission.admit(address(1)).unwrap()).collect();
        assert_eq!(permits.iter().map(was_cut).collect::<Vec<_>>(), [true, true, false, false]);
        drop(permits);
        let state = admission.lock();
        assert_eq!((state.total, state.peers.len(), state.silent.len()), (0, 0, 0));
    }

    #[test]
    fn known_ones_stay_and_use_up_the_address() {
        let admission = admission(100, 3, 2);
        let (idle, _) = lifetime(false);
        let known = [(); 3].map(|()| {
            let permit = admission.admit(address(1)).unwrap();
            permit.mark_known(&idle);
            permit
        });
        assert!(admission.admit(address(1)).is_none());
        assert!(admission.admit(address(2)).is_some(), "another address has permits of its own");
        drop(known);
        assert!(admission.admit(address(1)).is_some());
    }

    #[test]
    fn a_full_listener_ends_silent_ones_then_idle_ones_and_no_busy_one() {
        let admission = admission(3, 3, 3);
        let silent = admission.admit(address(1)).unwrap();
        let permits = [2, 3].map(|last| admission.admit(address(last)).unwrap());
        let ((idle, _), (busy, _running)) = (lifetime(false), lifetime(true));
        permits[0].mark_known(&idle);
        permits[1].mark_known(&busy);
        let late = admission.admit(address(4)).unwrap();
        assert!(was_cut(&silent));
        late.mark_known(&busy);
        let later = admission.admit(address(5)).unwrap();
        later.mark_known(&busy);
        let asked = |permit: &ConnectionPermit| permit.evicted().now_or_never().is_some();
        assert!(asked(&permits[0]) && !asked(&permits[1]) && !asked(&late));
        assert!(admission.admit(address(6)).is_none(), "all are busy");
        drop((silent, permits));
        assert_eq!(admission.lock().total, 2, "who has made room does not leave twice");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::2:0:0:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
    }
}
