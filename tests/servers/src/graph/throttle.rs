//! How much may be asked: buckets that fill up again, as Graph counts them.
//!
//! Every request costs resource units, which come back within ten seconds, and every write a write, which come back
//! within 150. Whoever goes on while he is told to wait pays for that as well, and waits longer.

use super::call::Call;
use super::clock::between;
use super::fault::{Fault, Reply};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How much fits into the buckets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The resource units of ten seconds.
    pub units: f64,
    /// The writes of 150 seconds.
    pub writes: f64,
}

impl Limits {
    /// The limits of a tenant with so many users.
    pub fn of(users: usize) -> Limits {
        let units = match users {
            0..50 => 3500.0,
            50..=500 => 5000.0,
            _ => 8000.0,
        };
        Limits { units, writes: 3000.0 }
    }
}

/// A bucket: what was taken from it and did not come back yet.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    taken: f64,
    since: Option<Timestamp>,
}

impl Bucket {
    /// Takes so much. If there is not so much, how long it takes until there is.
    fn take(&mut self, cost: f64, size: f64, per: Duration, now: Timestamp) -> Result<(), Duration> {
        let back = self.since.map_or(0.0, |since| between(since, now).as_secs_f64()) * size / per.as_secs_f64();
        self.since = Some(now);
        self.taken = (self.taken - back).max(0.0);
        let fits = self.taken + cost <= size;
        // What is refused is paid for as well, up to a second bucket.
        self.taken = (self.taken + cost).min(2.0 * size);
        match fits {
            true => Ok(()),
            false => Err(Duration::from_secs_f64((self.taken + cost - size) * per.as_secs_f64() / size)),
        }
    }

    fn share(&self, size: f64) -> f64 {
        self.taken / size
    }
}

/// The buckets of whoever asks.
#[derive(Debug, Default)]
pub struct Throttle {
    /// How much fits; without it, what goes with the size of the tenant.
    pub limits: Option<Limits>,
    /// The requests that are not told when to come back, such as `POST /users`.
    pub silent: BTreeSet<String>,
    units: Bucket,
    writes: Bucket,
}

impl Throttle {
    /// Pays for a request, or refuses it.
    pub fn pay(&mut self, call: &Call, users: usize, now: Timestamp) -> Result<(), Fault> {
        let limits = self.limits.unwrap_or_else(|| Limits::of(users));
        let cost = f64::from(cost(call));
        let units = self.units.take(cost, limits.units, Duration::from_secs(10), now);
        let writes = match call.is_write() {
            true => self.writes.take(1.0, limits.writes, Duration::from_secs(150), now),
            false => Ok(()),
        };
        let (wait, what) = match (units, writes) {
            (Ok(()), Ok(())) => return Ok(()),
            (Err(units), Ok(())) => (units, "ResourceUnitLimitExceeded"),
            (Ok(()), Err(writes)) => (writes, "WriteLimitExceeded"),
            (Err(units), Err(writes)) => (units.max(writes), "WriteLimitExceeded"),
        };
        let seconds = (wait.as_secs_f64().ceil() as u64).max(1);
        let is_silent = self.silent.contains(&call.template());
        let mut fault = Fault::throttled((!is_silent).then_some(seconds));
        let scope = format!("Tenant_Application/ReadWrite/{}/{}", super::CLIENT.0, super::TENANT);
        fault.headers.push(("x-ms-throttle-scope".to_owned(), scope));
        fault.headers.push(("x-ms-throttle-information".to_owned(), what.to_owned()));
        Err(fault)
    }

    /// Says on an answer what it cost, and how near the limit is.
    pub fn mark(&self, call: &Call, users: usize, reply: &mut Reply) {
        let limits = self.limits.unwrap_or_else(|| Limits::of(users));
        reply.headers.push(("x-ms-resource-unit".to_owned(), cost(call).to_string()));
        let share = self.units.share(limits.units).max(self.writes.share(limits.writes));
        if share >= 0.8 {
            reply.headers.push(("x-ms-throttle-limit-percentage".to_owned(), format!("{share:.2}")));
        }
    }

    /// Fills the buckets.
    pub fn refill(&mut self) {
        (self.units, self.writes) = (Bucket::default(), Bucket::default());
    }
}

/// What a request costs.
fn cost(call: &Call) -> u32 {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let base: i32 = match (call.method.as_str(), segments.as_slice()) {
        (_, ["directoryObjects", "getByIds"]) | ("GET", ["subscribedSkus"] | ["groups", _, "members"]) => 3,
        ("GET", ["users"]) => 2,
        ("GET", ["groups", _, "transitiveMembers"]) => 5,
        _ => 1,
    };
    let option = |name: &str| call.query.get(name);
    let cost = base - i32::from(option("$select").is_some()) + i32::from(option("$expand").is_some())
        - i32::from(option("$top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20));
    cost.max(1).unsigned_abs()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_up_again_and_remembers_who_did_not_wait() {
        let ten = Duration::from_secs(10);
        let at = |seconds: i64| Timestamp::new(1_800_000_000 + seconds, 0).unwrap();
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(100.0, 100.0, ten, at(0)), Ok(()));
        assert_eq!(bucket.take(10.0, 100.0, ten, at(0)), Err(Duration::from_secs(2)));
        assert_eq!(bucket.take(10.0, 100.0, ten, at(0)), Err(Duration::from_secs(3)));
        assert!(bucket.take(10.0, 100.0, ten, at(2)).is_err(), "it would have been enough for whoever waited");
        assert_eq!(bucket.take(10.0, 100.0, ten, at(6)), Ok(()));
        for _ in 0..1000 {
            assert!(bucket.take(10.0, 100.0, ten, at(6)).is_err() || bucket.taken <= 100.0);
        }
        assert_eq!(bucket.take(10.0, 100.0, ten, at(17)), Ok(()));
    }
}
