//! Who may hold a connection. One that has not yet said who it is, by a TLS handshake or a first request, is silent: it is
//! counted apart, and makes room, oldest first, when another one comes. When there is none, those that have been idle for
//! longest are asked to go (as nginx reuses connections when it has no more).

use super::lifetime::ConnectionLifetime;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// Idle connections that are asked to go at once, so that a full listener does not look through all for each new one.
const ASKED_TO_GO: usize = 32;

/// How many connections there may be.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
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
    caps: Caps,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    total: usize,
    peers: HashMap<IpAddr, Peer>,
    /// In the order in which they came.
    silent: BTreeMap<u64, (IpAddr, Arc<Ends>)>,
    known: HashMap<u64, (IpAddr, Arc<Ends>, Arc<ConnectionLifetime>)>,
}

/// How a connection is told to make room.
#[derive(Debug, Default)]
struct Ends {
    cut: Notify,
    finish: Notify,
}

#[derive(Debug, Default)]
struct Peer {
    places: usize,
    silent: BTreeSet<u64>,
}

/// The place of a connection; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    admission: Admission,
    id: u64,
    peer: IpAddr,
    ends: Arc<Ends>,
    known: AtomicBool,
}

impl Admission {
    pub fn new(caps: Caps) -> Self {
        Self(Arc::new(Inner { caps, state: Mutex::default() }))
    }

    /// A place for a connection from `address`. None when all are taken by connections that are in use.
    pub fn enter(&self, address: IpAddr) -> Option<Place> {
        let (caps, peer) = (self.0.caps, network(address));
        let mut state = self.lock();
        let own = state.peers.entry(peer).or_default();
        if own.silent.len() >= caps.silent_per_peer || own.places >= caps.per_peer {
            let oldest = own.silent.first().copied()?;
            state.cut(oldest);
        }
        if state.total >= caps.total && !state.make_room() {
            return None;
        }
        let (id, ends) = (state.next, Arc::<Ends>::default());
        state.next += 1;
        state.total += 1;
        state.silent.insert(id, (peer, ends.clone()));
        let own = state.peers.entry(peer).or_default();
        own.places += 1;
        own.silent.insert(id);
        drop(state);
        Some(Place { admission: self.clone(), id, peer, ends, known: AtomicBool::new(false) })
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
        for (_, id) in idle.iter().take(ASKED_TO_GO) {
            if let Some((peer, ends, _)) = self.known.remove(id) {
                self.leave(peer, *id);
                ends.finish.notify_one();
            }
        }
        !idle.is_empty()
    }

    fn cut(&mut self, id: u64) {
        if let Some((peer, ends)) = self.silent.remove(&id) {
            self.leave(peer, id);
            ends.cut.notify_one();
        }
    }

    fn leave(&mut self, peer: IpAddr, id: u64) {
        self.total -= 1;
        let Some(own) = self.peers.get_mut(&peer) else { return };
        own.places -= 1;
        own.silent.remove(&id);
        if own.places == 0 {
            self.peers.remove(&peer);
        }
    }
}

impl Place {
    /// Resolves when the connection, still silent, has to make room.
    pub async fn cut(&self) {
        self.ends.cut.notified().await;
    }

    /// Resolves when the connection should end as soon as it can.
    pub async fn asked_to_go(&self) {
        self.ends.finish.notified().await;
    }

    /// The connection has said who it is.
    pub fn is_known(&self, lifetime: &Arc<ConnectionLifetime>) {
        if self.known.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.admission.lock();
        // Otherwise it was cut, and is about to end.
        if state.silent.remove(&self.id).is_some() {
            if let Some(own) = state.peers.get_mut(&self.peer) {
                own.silent.remove(&self.id);
            }
            state.known.insert(self.id, (self.peer, self.ends.clone(), lifetime.clone()));
            self.known.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Place {
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
    use super::*;
    use crate::lifetime::{ActiveRequest, ConnectionTimeouts};
    use futures_util::FutureExt;

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn admission(total: usize, per_peer: usize, silent_per_peer: usize) -> Admission {
        Admission::new(Caps { total, per_peer, silent_per_peer })
    }

    /// A connection with a running request, or one that is idle.
    fn lifetime(busy: bool) -> (Arc<ConnectionLifetime>, Option<ActiveRequest>) {
        let lifetime = ConnectionLifetime::new(ConnectionTimeouts::default());
        let running = lifetime.begin(true);
        (lifetime, busy.then_some(running))
    }

    fn was_cut(place: &Place) -> bool {
        place.cut().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_silent_one_of_an_address_makes_room_for_its_next() {
        let admission = admission(100, 10, 2);
        let places: Vec<_> = (0..4).map(|_| admission.enter(address(1)).unwrap()).collect();
        assert_eq!(places.iter().map(was_cut).collect::<Vec<_>>(), [true, true, false, false]);
        drop(places);
        let state = admission.lock();
        assert_eq!((state.total, state.peers.len(), state.silent.len()), (0, 0, 0));
    }

    #[test]
    fn known_ones_stay_and_use_up_the_address() {
        let admission = admission(100, 3, 2);
        let (idle, _) = lifetime(false);
        let known = [(); 3].map(|()| {
            let place = admission.enter(address(1)).unwrap();
            place.is_known(&idle);
            place
        });
        assert!(admission.enter(address(1)).is_none());
        assert!(admission.enter(address(2)).is_some(), "another address has places of its own");
        drop(known);
        assert!(admission.enter(address(1)).is_some());
    }

    #[test]
    fn a_full_listener_ends_silent_ones_then_idle_ones_and_no_busy_one() {
        let admission = admission(3, 3, 3);
        let silent = admission.enter(address(1)).unwrap();
        let places = [2, 3].map(|last| admission.enter(address(last)).unwrap());
        let ((idle, _), (busy, _running)) = (lifetime(false), lifetime(true));
        places[0].is_known(&idle);
        places[1].is_known(&busy);
        let late = admission.enter(address(4)).unwrap();
        assert!(was_cut(&silent));
        late.is_known(&busy);
        let later = admission.enter(address(5)).unwrap();
        later.is_known(&busy);
        let asked = |place: &Place| place.asked_to_go().now_or_never().is_some();
        assert!(asked(&places[0]) && !asked(&places[1]) && !asked(&late));
        assert!(admission.enter(address(6)).is_none(), "all are busy");
        drop((silent, places));
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
