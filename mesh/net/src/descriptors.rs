//! File descriptors: the process takes all it may have, and connections leave enough of them for its own work, such as databases,
//! calls to other services and mail.

use rustix::{
    io,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

use super::limits;

/// Least number kept for own work.
const LEAST_RESERVE: u64 = 256;
/// Counted with where the system sets no limit.
const UNLIMITED: u64 = 1 << 20;

/// Raises the soft limit to the hard one; to be called once, when the process starts. Answers the limit now.
///
/// # Errors
/// If the system does not allow what it said it would; the limit is then as it was.
pub fn raise() -> io::Result<u64> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.unwrap_or(UNLIMITED))
}

/// Connections that a listener may hold when it gets one part in `parts` of what the process has left for connections.
pub fn connections(parts: u64) -> usize {
    share(getrlimit(Resource::Nofile).current.unwrap_or(UNLIMITED), parts)
}

fn share(limit: u64, parts: u64) -> usize {
    let reserve = (limit / 8).max(LEAST_RESERVE).min(limit / 2);
    usize::try_from((limit - reserve) / parts).unwrap_or(usize::MAX).clamp(8, limits::MAX_CONNECTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let raised = raise().unwrap();
        let now = getrlimit(Resource::Nofile);
        assert_eq!((now.current, raised), (now.maximum, now.maximum.unwrap_or(UNLIMITED)));
    }

    #[test]
    fn an_edge_and_eight_services_leave_a_reserve() {
        for limit in [1024, 20_000, UNLIMITED] {
            let taken = share(limit, 2) + 8 * share(limit, 16);
            assert!(taken + 256 <= usize::try_from(limit).unwrap(), "{limit}: {taken}");
        }
        assert_eq!(
            (share(1024, 2), share(1024, 16), share(UNLIMITED, 2)),
            (384, 48, limits::MAX_CONNECTIONS)
        );
    }
}
