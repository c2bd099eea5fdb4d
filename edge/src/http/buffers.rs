//! What the edge holds of bodies, as Envoy's buffer limits and overload manager bound it: a share for each connection, each client's
//! address and the whole process. Who is beyond a share is asked to come again; what was held is given back when it is dropped.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};
use shopmesh_net::retry_buffer::BufferQuota;

use super::{
    body::{Body, BoxError},
    grpc::code,
    local_reply::LocalReply,
};

/// How much may be held, bytes.
#[derive(Clone, Copy, Debug)]
pub struct Shares {
    /// Of requests, for one connection.
    pub connection: usize,
    /// For one address; for IPv6, one network of 64 bits, since a client has all of it.
    pub address: usize,
    /// For all.
    pub process: usize,
    /// Of each body, not counted: a stream without any costs more.
    pub small: usize,
}

impl Default for Shares {
    fn default() -> Self {
        Self { connection: 8 << 20, address: 32 << 20, process: 256 << 20, small: 4 << 10 }
    }
}

/// When somebody whose share is used up should try again: most bodies are held for far less.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The shares and what is held of them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct BufferBudget(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    shares: Shares,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    connections: HashMap<SocketAddr, usize>,
    addresses: HashMap<IpAddr, usize>,
    process: usize,
}

/// Whose share is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shed {
    Connection,
    Address,
    Process,
}

impl Shed {
    /// The refusal: load that is shed now may be served soon.
    pub fn reply(self) -> LocalReply {
        let (message, code) = match self {
            Self::Connection => {
                ("this connection has too many bodies on their way", code::RESOURCE_EXHAUSTED)
            }
            Self::Address => ("this address has too many bodies on their way", code::RESOURCE_EXHAUSTED),
            Self::Process => ("the edge holds as much as it may", code::UNAVAILABLE),
        };
        LocalReply::new(StatusCode::SERVICE_UNAVAILABLE, "overload", message)
            .with_code(code)
            .with_retry_after(RETRY_AFTER)
    }
}

impl BufferBudget {
    #[cfg(test)]
    fn new(shares: Shares) -> Self {
        Self(Arc::new(Shared { shares, held: Mutex::default() }))
    }

    /// Bytes that are held now.
    pub fn held(&self) -> usize {
        self.lock().process
    }

    /// What one exchange holds is on the account of its connection and of its client.
    pub fn account(&self, connection: SocketAddr, client: IpAddr) -> Account {
        Account { budget: self.clone(), connection, network: network(client) }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().expect("nothing panics while it is held")
    }
}

/// The part of an address that one client cannot choose.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// Who holds something.
#[derive(Clone, Debug)]
pub struct Account {
    budget: BufferBudget,
    connection: SocketAddr,
    network: IpAddr,
}

impl Account {
    /// Room for a part of a request; nothing is taken yet. `limit` is how large it may become: whoever configured a larger body than a
    /// share allows means it.
    pub fn for_request(&self, limit: usize) -> Reservation {
        Reservation { account: self.clone(), is_request: true, limit, size: 0 }
    }

    /// Room for a part of an answer. It does not count for its connection, since clients ask for many at once, and the work is done.
    pub fn for_answer(&self, limit: usize) -> Reservation {
        Reservation { account: self.clone(), is_request: false, limit, size: 0 }
    }
}

/// Room that is held until this is dropped.
#[derive(Debug)]
pub struct Reservation {
    account: Account,
    is_request: bool,
    limit: usize,
    size: usize,
}

impl Reservation {
    /// Makes it `size` bytes; fails, and changes nothing, if that is more than there is room for.
    pub fn resize(&mut self, size: usize) -> Result<(), Shed> {
        let (before, after) = (self.counted(self.size), self.counted(size));
        if after > before {
            self.grow(after - before)?;
        } else {
            self.shrink(before - after);
        }
        self.size = size;
        Ok(())
    }

    fn counted(&self, size: usize) -> usize {
        size.saturating_sub(self.account.budget.0.shares.small)
    }

    fn grow(&self, more: usize) -> Result<(), Shed> {
        let Account { budget, connection, network } = &self.account;
        let shares = budget.0.shares;
        let mut held = budget.lock();
        let of = |times: usize| self.limit.saturating_mul(times);
        let free = shares.process.max(of(16)).saturating_sub(held.process);
        if more > free {
            return Err(Shed::Process);
        }
        // Nobody gets more than half of what is free, so that however many hold much, there is some left for one that comes later
        // (Choudhury and Hahne, "Dynamic queue length thresholds").
        let address = shares.address.max(of(4)).min(free / 2);
        let free = address.saturating_sub(held.addresses.get(network).copied().unwrap_or_default());
        if more > free {
            return Err(Shed::Address);
        }
        if self.is_request {
            let held_here = held.connections.get(connection).copied().unwrap_or_default();
            if held_here + more > shares.connection.max(self.limit).min(free / 2) {
                return Err(Shed::Connection);
            }
            *held.connections.entry(*connection).or_default() += more;
        }
        *held.addresses.entry(*network).or_default() += more;
        held.process += more;
        Ok(())
    }

    fn shrink(&self, less: usize) {
        if less == 0 {
            return;
        }
        let Account { budget, connection, network } = &self.account;
        let mut held = budget.lock();
        if self.is_request {
            give_back(&mut held.connections, *connection, less);
        }
        give_back(&mut held.addresses, *network, less);
        held.process -= less;
    }
}

fn give_back<K: Eq + Hash>(holds: &mut HashMap<K, usize>, who: K, less: usize) {
    if let Entry::Occupied(mut entry) = holds.entry(who) {
        *entry.get_mut() -= less;
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink(self.counted(self.size));
    }
}

/// What is kept of a body that may have to be sent again.
impl BufferQuota for Reservation {
    fn reserve(&mut self, bytes: usize) -> bool {
        self.resize(self.size + bytes).is_ok()
    }
}

/// A body that holds its room until the client has taken it.
pub struct HeldBody {
    inner: Body,
    _held: Reservation,
}

impl HeldBody {
    pub fn new(inner: Body, held: Reservation) -> Self {
        Self { inner, _held: held }
    }
}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: Shares = Shares { connection: 10, address: 30, process: 100, small: 0 };

    fn account(budget: &BufferBudget, address: &str, port: u16) -> Account {
        let address: IpAddr = address.parse().unwrap();
        budget.account((address, port).into(), address)
    }

    fn hold(account: &Account, size: usize) -> Result<Reservation, Shed> {
        let mut held = account.for_request(5);
        held.resize(size).map(|()| held)
    }

    #[test]
    fn a_connection_an_address_and_the_process_have_a_share_each() {
        let budget = BufferBudget::new(SHARES);
        let mut all: Vec<_> =
            (0..2).map(|port| hold(&account(&budget, "1.1.1.1", port), 10).unwrap()).collect();
        assert_eq!(hold(&account(&budget, "1.1.1.1", 0), 1).unwrap_err(), Shed::Connection);
        // Half of what the others left.
        let third = account(&budget, "1.1.1.1", 3);
        assert_eq!(hold(&third, 6).unwrap_err(), Shed::Connection);
        all.push(hold(&third, 5).unwrap());
        assert_eq!(hold(&third, 6).unwrap_err(), Shed::Address);
        // An answer counts for its client alone.
        account(&budget, "1.1.1.1", 0).for_answer(5).resize(5).unwrap();
        all.clear();
        let held = budget.lock();
        assert_eq!((held.process, held.addresses.len(), held.connections.len()), (0, 0, 0));
    }

    #[test]
    fn however_many_hold_much_a_newcomer_gets_something() {
        let budget = BufferBudget::new(SHARES);
        let mut all = Vec::new();
        for client in 0..100 {
            let client = format!("1.1.1.{client}");
            let mut held = account(&budget, &client, 1).for_answer(5);
            while held.resize(held.size + 1).is_ok() {}
            all.push(held);
        }
        assert!(all.iter().take(6).all(|held| held.size > 0) && budget.held() > 90, "{}", budget.held());
    }

    #[test]
    fn a_client_has_all_of_its_network() {
        let budget = BufferBudget::new(SHARES);
        let answer = |host: &str, size| account(&budget, host, 1).for_answer(5).resize(size);
        let mut held = account(&budget, "2001:db8::1", 1).for_answer(5);
        held.resize(30).unwrap();
        assert_eq!(answer("2001:db8::2", 1).unwrap_err(), Shed::Address);
        answer("2001:db8:0:1::1", 1).unwrap();
    }

    #[test]
    fn what_is_configured_to_be_larger_than_a_share_fits() {
        let budget = BufferBudget::new(SHARES);
        let mut large = account(&budget, "1.1.1.1", 1).for_request(1000);
        large.resize(1000).unwrap();
        assert_eq!(large.resize(2000).unwrap_err(), Shed::Connection);
        large.resize(20).unwrap();
        assert_eq!(budget.held(), 20);
    }
}
