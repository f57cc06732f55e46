//! The budget of request bodies: their bytes in memory, of all callers together and of
//! each tenant.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use attache_core::id::TenantId;

use super::Problem;

/// A body of at least this many bytes also counts against its tenant's share. If the
/// share is smaller, the share's size is the threshold.
pub(super) const SMALL: usize = 64 * 1024;

/// The budget of this process's request bodies.
#[derive(Clone, Debug)]
pub(super) struct Bodies(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    most_of_one: usize,
    all: AtomicUsize,
    of_tenants: Mutex<HashMap<TenantId, usize>>,
}

impl Bodies {
    pub(super) fn new(most: usize, most_of_one: usize) -> Self {
        Self(Arc::new(Inner {
            most,
            most_of_one,
            all: AtomicUsize::new(0),
            of_tenants: Mutex::default(),
        }))
    }

    /// Starts a body with no bytes.
    pub(super) fn begin(&self, tenant: Option<TenantId>) -> Held {
        Held {
            bodies: self.clone(),
            tenant,
            bytes: 0,
            of_tenant: 0,
        }
    }

    fn of_tenants(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        let of_tenants = &self.0.of_tenants;
        // No holder of the lock panics halfway through a change.
        of_tenants.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

/// The bytes of a body that have arrived. They count against the budget until this is
/// dropped.
#[derive(Debug)]
pub(super) struct Held {
    bodies: Bodies,
    tenant: Option<TenantId>,
    bytes: usize,
    /// The bytes that count against the tenant's share.
    of_tenant: usize,
}

impl Held {
    /// Counts bytes that have arrived.
    ///
    /// # Errors
    /// If the budget of all callers or of the tenant has no room for them. The bytes do
    /// not count then.
    pub(super) fn add(&mut self, bytes: usize) -> Result<(), Problem> {
        let inner = &self.bodies.0;
        let all = inner.all.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if all.saturating_add(bytes) > inner.most {
            return Err(full("all callers together send"));
        }
        let small = SMALL.min(inner.most_of_one);
        let Some(tenant) = self.tenant.filter(|_| self.bytes > small) else {
            return Ok(());
        };
        let new = self.bytes - self.of_tenant;
        let mut of_tenants = self.bodies.of_tenants();
        let of_one = of_tenants.entry(tenant).or_default();
        *of_one += new;
        self.of_tenant = self.bytes;
        match *of_one > inner.most_of_one {
            true => Err(full("the tenant's callers send")),
            false => Ok(()),
        }
    }
}

fn full(who: &str) -> Problem {
    Problem::unavailable(format!("{who} more than is worked on at the same time"))
}

impl Drop for Held {
    fn drop(&mut self) {
        let all = &self.bodies.0.all;
        all.fetch_sub(self.bytes, Ordering::Relaxed);
        let Some(tenant) = self.tenant.filter(|_| self.of_tenant > 0) else {
            return;
        };
        let mut of_tenants = self.bodies.of_tenants();
        if let Some(of_one) = of_tenants.get_mut(&tenant) {
            *of_one = of_one.saturating_sub(self.of_tenant);
            if *of_one == 0 {
                of_tenants.remove(&tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> Option<TenantId> {
        Some(TenantId(Uuid::from_u128(number)))
    }

    #[test]
    fn one_tenant_has_its_share_only() {
        let bodies = Bodies::new(10 * SMALL, 4 * SMALL);
        let mut first = bodies.begin(tenant(1));
        assert!(first.add(3 * SMALL).is_ok());
        let mut second = bodies.begin(tenant(1));
        assert!(second.add(2 * SMALL).is_err());
        drop(second);
        assert!(bodies.begin(tenant(2)).add(4 * SMALL).is_ok());
        drop(first);
        assert!(bodies.begin(tenant(1)).add(4 * SMALL).is_ok());
        assert!(bodies.of_tenants().is_empty());
        assert_eq!(bodies.0.all.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_share_of_a_few_bytes_refuses_a_small_body() {
        let bodies = Bodies::new(10 * SMALL, 5);
        assert!(bodies.begin(tenant(1)).add(5).is_ok());
        assert!(bodies.begin(tenant(1)).add(6).is_err());
        assert!(bodies.begin(None).add(6).is_ok());
    }

    #[test]
    fn all_together_have_no_more_than_the_limit() {
        let bodies = Bodies::new(4 * SMALL, 4 * SMALL);
        let mut held: Vec<Held> = (1..=4).map(|number| bodies.begin(tenant(number))).collect();
        for body in &mut held {
            assert!(body.add(SMALL).is_ok());
        }
        assert!(bodies.begin(None).add(1).is_err());
        held.pop();
        assert!(bodies.begin(None).add(1).is_ok());
    }

    #[test]
    fn a_body_counts_as_it_arrives() {
        let bodies = Bodies::new(100 * SMALL, 2 * SMALL);
        let mut slow: Vec<Held> = (0..50).map(|_| bodies.begin(tenant(1))).collect();
        for body in &mut slow {
            // What was announced and has not arrived takes nothing.
            assert!(body.add(1_000).is_ok());
        }
    }
}
