//! Which buckets a request draws from: makes its descriptors and finds those that are configured.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroUsize,
    sync::Mutex,
};

use http::{HeaderMap, StatusCode};
use lru::LruCache;
use tokio::time::Instant;

use super::{
    bucket::{Bucket, Level, Rate},
    config::{Action, DescriptorConfig, LocalRateLimit, MaskedRemoteAddress, XRateLimitHeaders},
};
use crate::bootstrap::{
    header_change::HeaderChange,
    reader::{ConfigError, YamlPath},
};

/// Envoy's default of `max_dynamic_descriptors`.
const MAX_DYNAMIC_DESCRIPTORS: u32 = 20;

/// A checked `LocalRateLimit` with its buckets.
pub struct Limiter {
    default: Option<(Rate, Mutex<Bucket>)>,
    descriptors: Vec<Descriptor>,
    config: LocalRateLimit,
    /// Of a limited answer.
    pub status: StatusCode,
}

struct Descriptor {
    entries: Vec<(String, Option<String>)>,
    rate: Rate,
    /// By the values of the entries without a configured one; a single bucket if there are none.
    buckets: Mutex<LruCache<String, Bucket>>,
}

/// One `key: value` of a request's descriptor.
type Entry<'a> = (&'a str, String);

impl Limiter {
    pub fn new(config: LocalRateLimit, at: &YamlPath) -> Result<Self, ConfigError> {
        let now = Instant::now();
        let default = match config.token_bucket {
            Some(bucket) => {
                bucket.check(&at.field("token_bucket"))?;
                Some((bucket.into(), Mutex::new(Bucket::full(bucket.into(), now))))
            }
            None => None,
        };
        let capacity = config.max_dynamic_descriptors.map_or(MAX_DYNAMIC_DESCRIPTORS, |most| most.0);
        let capacity = usize::try_from(capacity).ok().and_then(NonZeroUsize::new);
        let capacity =
            capacity.ok_or_else(|| at.field("max_dynamic_descriptors").error("must be above 0"))?;
        config.check(at)?;
        let descriptors = config.descriptors.iter().map(|one| Descriptor::new(one, capacity)).collect();
        let status = config.status(at)?;
        Ok(Self { default, descriptors, config, status })
    }

    /// Takes a token of every bucket that the request draws from; the tightest answer counts. None if it draws from none.
    pub fn take(&self, headers: &HeaderMap, client: IpAddr, now: Instant) -> Option<Level> {
        let mut tightest: Option<Level> = None;
        let mut matched = false;
        for limit in &self.config.rate_limits {
            let Some(entries) = entries(&limit.actions, headers, client) else { continue };
            for descriptor in &self.descriptors {
                if let Some(key) = descriptor.key(&entries) {
                    matched = true;
                    tightest = Some(tighter(tightest, descriptor.take(key, now)));
                }
            }
        }
        if let Some((rate, bucket)) = &self.default
            && (!matched || self.config.always_consume_default_token_bucket.0)
        {
            tightest = Some(tighter(tightest, lock(bucket).take(*rate, now)));
        }
        tightest
    }

    pub fn enabled(&self, roll: u32) -> bool {
        self.config.filter_enabled.as_ref().is_some_and(|fraction| fraction.contains(roll))
    }

    pub fn enforced(&self, roll: u32) -> bool {
        self.config.filter_enforced.as_ref().is_some_and(|fraction| fraction.contains(roll))
    }

    pub fn x_ratelimit_headers(&self) -> bool {
        self.config.enable_x_ratelimit_headers == XRateLimitHeaders::DraftVersion03
    }

    pub fn resource_exhausted(&self) -> bool {
        self.config.rate_limited_as_resource_exhausted
    }

    pub fn response_headers(&self) -> &[HeaderChange] {
        &self.config.response_headers_to_add
    }
}

impl Descriptor {
    fn new(config: &DescriptorConfig, capacity: NonZeroUsize) -> Self {
        let value = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        Self {
            entries: config.entries.iter().map(|entry| (entry.key.0.clone(), value(&entry.value))).collect(),
            rate: config.token_bucket.into(),
            buckets: Mutex::new(LruCache::new(capacity)),
        }
    }

    /// The bucket's key, if the request's descriptor has exactly this one's entries.
    fn key(&self, entries: &[Entry<'_>]) -> Option<String> {
        if entries.len() != self.entries.len() {
            return None;
        }
        let mut key = String::new();
        for ((wanted, value), (name, actual)) in self.entries.iter().zip(entries) {
            match value {
                _ if wanted != name => return None,
                Some(value) if value != actual => return None,
                Some(_) => {}
                None => {
                    key.push_str(actual);
                    // Keeps ("a", "bc") and ("ab", "c") apart; header values hold no NUL.
                    key.push('\0');
                }
            }
        }
        Some(key)
    }

    fn take(&self, key: String, now: Instant) -> Level {
        lock(&self.buckets).get_or_insert_mut(key, || Bucket::full(self.rate, now)).take(self.rate, now)
    }
}

/// A poisoned lock guards only counters, which are valid at every moment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn tighter(a: Option<Level>, b: Level) -> Level {
    match a {
        Some(a) if (a.allowed, a.remaining) <= (b.allowed, b.remaining) => a,
        _ => b,
    }
}

/// The descriptor that `actions` make of a request.
fn entries<'a>(actions: &'a [Action], headers: &HeaderMap, client: IpAddr) -> Option<Vec<Entry<'a>>> {
    let mut entries = Vec::with_capacity(actions.len());
    for action in actions {
        match action {
            Action::RemoteAddress(_) => entries.push(("remote_address", client.to_string())),
            Action::MaskedRemoteAddress(mask) => {
                entries.push(("masked_remote_address", masked(client, *mask)))
            }
            Action::GenericKey(key) => {
                entries.push((key.descriptor_key.as_str(), key.descriptor_value.0.clone()))
            }
            Action::RequestHeaders(header) => match headers.get(&header.header_name) {
                Some(value) => {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    entries.push((header.descriptor_key.0.as_str(), value));
                }
                None if header.skip_if_absent => {}
                None => return None,
            },
        }
    }
    (!entries.is_empty()).then_some(entries)
}

fn masked(client: IpAddr, mask: MaskedRemoteAddress) -> String {
    match client {
        IpAddr::V4(address) => {
            let length = mask.v4_prefix_mask_len.0;
            let kept = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
            format!("{}/{length}", Ipv4Addr::from(address.to_bits() & kept))
        }
        IpAddr::V6(address) => {
            let length = mask.v6_prefix_mask_len.0;
            let kept = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
            format!("{}/{length}", Ipv6Addr::from(address.to_bits() & kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::bootstrap::{reader::read, scalars::Wrapper};

    fn limiter(config: Value) -> Limiter {
        try_limiter(config).unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_limiter(mut config: Value) -> Result<Limiter, ConfigError> {
        config["stat_prefix"] = "x".into();
        Limiter::new(read(config, &YamlPath::root())?, &YamlPath::root())
    }

    fn per_address(max_dynamic_descriptors: u32) -> Limiter {
        limiter(json!({
            "always_consume_default_token_bucket": false,
            "token_bucket": {"max_tokens": 1, "fill_interval": "60s"},
            "rate_limits": [{"actions": [{"remote_address": {}}]}],
            "descriptors": [{"entries": [{"key": "remote_address"}], "token_bucket": {"max_tokens": 2, "fill_interval": "60s"}}],
            "max_dynamic_descriptors": max_dynamic_descriptors,
        }))
    }

    fn allowed(limiter: &Limiter, client: &str) -> bool {
        limiter.take(&HeaderMap::new(), client.parse().unwrap(), Instant::now()).unwrap().allowed
    }

    #[test]
    fn each_address_has_its_own_bucket() {
        let limiter = per_address(10);
        assert!(allowed(&limiter, "10.0.0.1") && allowed(&limiter, "10.0.0.1"));
        assert!(!allowed(&limiter, "10.0.0.1"));
        assert!(allowed(&limiter, "10.0.0.2"), "another address is not affected, nor by the default bucket");
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let limiter = per_address(2);
        for i in 0..1000u32 {
            assert!(allowed(&limiter, &Ipv4Addr::from_bits(i).to_string()));
        }
        assert_eq!(limiter.descriptors[0].buckets.lock().unwrap().len(), 2);
    }

    #[test]
    fn without_descriptors_the_default_bucket_counts() {
        let limiter = limiter(json!({"token_bucket": {"max_tokens": 1, "fill_interval": "60s"}}));
        assert!(allowed(&limiter, "10.0.0.1"));
        assert!(!allowed(&limiter, "10.0.0.2"));
    }

    #[test]
    fn networks_can_share_a_bucket() {
        let mask = MaskedRemoteAddress { v4_prefix_mask_len: Wrapper(24), v6_prefix_mask_len: Wrapper(64) };
        assert_eq!(masked("10.1.2.3".parse().unwrap(), mask), "10.1.2.0/24");
        assert_eq!(masked("2001:db8::1:2:3:4".parse().unwrap(), mask), "2001:db8::/64");
        let all = MaskedRemoteAddress { v4_prefix_mask_len: Wrapper(0), v6_prefix_mask_len: Wrapper(0) };
        assert_eq!(masked("10.1.2.3".parse().unwrap(), all), "0.0.0.0/0");
    }

    #[test]
    fn rejects_impossible_buckets() {
        let config = json!({"descriptors": [{"entries": [], "token_bucket": {"max_tokens": 0, "fill_interval": "1s"}}]});
        assert_eq!(try_limiter(config).err().unwrap().at.to_string(), "descriptors[0].token_bucket");
    }

    #[test]
    fn the_status_goes_by_name_or_number() {
        let status =
            |code: Value| try_limiter(json!({"status": {"code": code}})).map(|l| l.status.as_u16()).ok();
        for code in [json!(503), json!("503"), json!("ServiceUnavailable"), json!("serviceunavailable")] {
            assert_eq!(status(code.clone()), Some(503), "{code}");
        }
        for code in [
            json!("SERVICE_UNAVAILABLE"),
            json!("Service Unavailable"),
            json!(""),
            json!(499),
            json!(600),
            json!(200),
            json!(null),
        ] {
            assert_eq!(status(code.clone()), None, "{code}");
        }
    }
}
