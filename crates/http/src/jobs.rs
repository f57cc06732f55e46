//! Jobs: work that outlives its request, such as an import. Jobs live in the memory of
//! this process, and can be looked at for a while after their end.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use attache_core::id::TenantId;
use attache_core::{Actor, Timestamp};
use uuid::Uuid;

use super::{ImportLimits, Problem};

/// The jobs of this process.
#[derive(Clone, Debug)]
pub struct Jobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: ImportLimits,
    all: Mutex<All>,
}

#[derive(Debug, Default)]
struct All {
    /// The tenants with a running job.
    busy: HashSet<TenantId>,
    /// The jobs of each tenant that are not forgotten, newest last.
    of_tenants: HashMap<TenantId, Vec<Arc<Job>>>,
}

/// A job of a tenant.
pub struct Job {
    /// The id of the job.
    pub id: Uuid,
    /// The caller who started the job.
    pub by: Actor,
    /// When the job started.
    pub begun_at: Timestamp,
    /// The name and digest of the request that started the job (`Idempotency-Key`), if it
    /// has one.
    pub request: Option<(String, [u8; 32])>,
    /// The work and its progress.
    pub work: Arc<dyn Any + Send + Sync>,
    ended_at: OnceLock<Timestamp>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.id)
    }
}

impl Job {
    /// Makes a job that starts now.
    #[must_use]
    pub fn new(
        id: Uuid,
        by: Actor,
        begun_at: Timestamp,
        request: Option<(String, [u8; 32])>,
        work: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self {
            id,
            by,
            begun_at,
            request,
            work,
            ended_at: OnceLock::new(),
        }
    }

    /// Records the end of the job.
    pub fn end(&self, at: Timestamp) {
        let _ = self.ended_at.set(at);
    }

    /// Returns when the job ended, if it has.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at.get().copied()
    }
}

/// The right of a tenant to run one job. Returned when this is dropped.
#[derive(Debug)]
pub struct Slot {
    jobs: Jobs,
    tenant: TenantId,
}

impl Jobs {
    pub(super) fn new(limits: ImportLimits) -> Self {
        Self(Arc::new(Inner {
            limits,
            all: Mutex::default(),
        }))
    }

    fn all(&self) -> MutexGuard<'_, All> {
        // No holder of the lock panics halfway through a change.
        self.0.all.lock().unwrap_or_else(|lock| lock.into_inner())
    }

    /// Reserves a tenant's slot for a job.
    ///
    /// # Errors
    /// If the tenant has a running job, or this process runs the most jobs that it may.
    pub fn reserve(&self, tenant: TenantId, now: Timestamp) -> Result<Slot, Problem> {
        let mut all = self.all();
        all.forget(&self.0.limits, now);
        if all.busy.contains(&tenant) {
            return Err(Problem::ImportRunning);
        }
        if all.busy.len() >= self.0.limits.at_once {
            let reason = "as many imports are under way as imports.at_once allows";
            return Err(Problem::unavailable(reason));
        }
        all.busy.insert(tenant);
        Ok(Slot {
            jobs: self.clone(),
            tenant,
        })
    }

    /// Returns a job of a tenant, unless it is forgotten.
    #[must_use]
    pub fn find(&self, tenant: TenantId, id: Uuid, now: Timestamp) -> Option<Arc<Job>> {
        let mut all = self.all();
        all.forget(&self.0.limits, now);
        let of_tenant = all.of_tenants.get(&tenant)?;
        of_tenant.iter().find(|job| job.id == id).cloned()
    }

    /// Returns the job that a caller started under a name.
    #[must_use]
    pub fn asked_before(&self, tenant: TenantId, by: Actor, name: &str) -> Option<Arc<Job>> {
        let all = self.all();
        let is_it = |job: &&Arc<Job>| {
            job.by == by && job.request.as_ref().is_some_and(|(it, _)| it == name)
        };
        all.of_tenants.get(&tenant)?.iter().find(is_it).cloned()
    }
}

impl Slot {
    /// Makes a job visible to others.
    pub fn begin(&self, job: Arc<Job>) {
        let mut all = self.jobs.all();
        let of_tenant = all.of_tenants.entry(self.tenant).or_default();
        of_tenant.push(job);
        let surplus = of_tenant
            .len()
            .saturating_sub(self.jobs.0.limits.kept_of_one);
        of_tenant.drain(..surplus);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.jobs.all().busy.remove(&self.tenant);
    }
}

impl All {
    /// Forgets jobs that ended long ago.
    fn forget(&mut self, limits: &ImportLimits, now: Timestamp) {
        let kept = i64::try_from(limits.kept_for.as_millis()).unwrap_or(i64::MAX);
        let is_kept = |job: &Arc<Job>| {
            let ended = job.ended_at();
            ended.is_none_or(|at| now.as_millis().saturating_sub(at.as_millis()) < kept)
        };
        self.of_tenants.retain(|_, jobs| {
            jobs.retain(is_kept);
            !jobs.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn jobs() -> Jobs {
        Jobs::new(ImportLimits {
            at_once: 2,
            kept_of_one: 2,
            kept_for: Duration::from_secs(60),
            ..ImportLimits::default()
        })
    }

    fn job(id: u128) -> Arc<Job> {
        let name = Some(("name".to_owned(), [0; 32]));
        Arc::new(Job::new(
            Uuid::from_u128(id),
            Actor::Operator,
            at(0),
            name,
            Arc::new(()),
        ))
    }

    #[test]
    fn one_tenant_has_one_at_a_time_and_all_have_two() {
        let jobs = jobs();
        let first = jobs.reserve(tenant(1), at(0)).unwrap();
        let again = jobs.reserve(tenant(1), at(0));
        assert!(matches!(again, Err(Problem::ImportRunning)));
        let _second = jobs.reserve(tenant(2), at(0)).unwrap();
        let third = jobs.reserve(tenant(3), at(0));
        assert!(matches!(third, Err(Problem::Unavailable(_))));
        drop(first);
        assert!(jobs.reserve(tenant(3), at(0)).is_ok());
    }

    #[test]
    fn what_has_ended_is_kept_for_a_while_and_not_in_any_number() {
        let jobs = jobs();
        for id in 1..=3 {
            let slot = jobs.reserve(tenant(1), at(0)).unwrap();
            let job = job(id);
            slot.begin(job.clone());
            job.end(at(0));
        }
        let is_there = |id, now| jobs.find(tenant(1), Uuid::from_u128(id), now).is_some();
        assert!(!is_there(1, at(59)) && is_there(2, at(59)) && is_there(3, at(59)));
        assert!(jobs.find(tenant(2), Uuid::from_u128(3), at(59)).is_none());
        let asked = |name| jobs.asked_before(tenant(1), Actor::Operator, name);
        assert!(asked("name").is_some() && asked("another").is_none());
        assert!(!is_there(3, at(60)));
        assert!(jobs.all().of_tenants.is_empty());
    }

    #[test]
    fn what_has_not_ended_is_not_forgotten() {
        let jobs = jobs();
        let slot = jobs.reserve(tenant(1), at(0)).unwrap();
        slot.begin(job(1));
        let found = jobs.find(tenant(1), Uuid::from_u128(1), at(100_000));
        assert_eq!(found.unwrap().ended_at(), None);
    }
}
