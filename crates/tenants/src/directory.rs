//! The directory of tenants.

use std::ops::Bound;
use std::sync::Arc;

use attache_core::id::TenantId;
use imbl::{HashMap, OrdMap};

use attache_log::{DirectoryChanges, IssuerRow, TenantRow};

/// The directory of all tenants, by id, slug, web domain and trusted issuer. Copies share
/// their common parts, so a change costs as much as what it changes.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    by_id: HashMap<TenantId, Arc<TenantRow>>,
    by_slug: OrdMap<String, Arc<TenantRow>>,
    by_domain: HashMap<String, Arc<TenantRow>>,
    by_issuer: HashMap<String, Vec<TenantId>>,
    /// The tenants whose rows cannot be read, with the reason. They are not served.
    broken: HashMap<TenantId, Arc<str>>,
}

impl Directory {
    /// Returns the directory with changes applied, or `None` if they change nothing.
    pub(super) fn with(&self, new: DirectoryChanges) -> Option<Self> {
        let mut directory = match new.is_all {
            true => Self::default(),
            false => self.clone(),
        };
        let mut is_changed = new.is_all;
        for row in new.tenants {
            is_changed |= directory.put(row);
        }
        for row in new.broken {
            let reason: Arc<str> = row.reason.into();
            let id = row.id;
            // A broken row without an id is reported at each complete read.
            let is_news = match id {
                Some(id) => self.broken.get(&id) != Some(&reason),
                None => new.is_all,
            };
            if is_news {
                tracing::error!(%reason, "a tenant's row cannot be read: it is not served");
            }
            if let Some(id) = id {
                directory.remove(id);
                directory.broken.insert(id, reason);
                is_changed = true;
            }
        }
        for row in new.issuers {
            is_changed |= directory.trust(row);
        }
        is_changed.then_some(directory)
    }

    /// Adds or replaces a tenant. Returns whether this changed anything.
    fn put(&mut self, row: TenantRow) -> bool {
        if self.by_id.get(&row.id).is_some_and(|known| **known == row) {
            return false;
        }
        self.remove(row.id);
        let row = Arc::new(row);
        self.by_slug.insert(row.slug.clone(), row.clone());
        for domain in &row.domains {
            self.by_domain.insert(domain.clone(), row.clone());
        }
        self.by_id.insert(row.id, row);
        true
    }

    /// A slug or domain that belongs to another tenant by now stays.
    fn remove(&mut self, id: TenantId) {
        self.broken.remove(&id);
        let Some(row) = self.by_id.remove(&id) else {
            return;
        };
        if self.by_slug.get(&row.slug).is_some_and(|it| it.id == id) {
            self.by_slug.remove(&row.slug);
        }
        for domain in &row.domains {
            if self.by_domain.get(domain).is_some_and(|it| it.id == id) {
                self.by_domain.remove(domain);
            }
        }
    }

    /// Adds a trusted issuer. Returns whether this changed anything.
    fn trust(&mut self, row: IssuerRow) -> bool {
        if self.by_issuer(&row.issuer).contains(&row.tenant) {
            return false;
        }
        let trusting = self.by_issuer.entry(row.issuer).or_default();
        let at = trusting.partition_point(|tenant| *tenant < row.tenant);
        trusting.insert(at, row.tenant);
        true
    }

    /// Returns all tenants, sorted by slug.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<TenantRow>> {
        let mut all: Vec<_> = self.by_id.values().cloned().collect();
        all.sort_by(|a, b| a.slug.cmp(&b.slug));
        all
    }

    /// Returns up to `most` tenants after a slug, sorted by slug.
    #[must_use]
    pub fn page(&self, after: Option<&str>, most: usize) -> Vec<Arc<TenantRow>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.by_slug.range::<_, str>((from, Bound::Unbounded));
        rest.take(most).map(|(_, row)| row.clone()).collect()
    }

    /// Returns the number of tenants.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_slug.len()
    }

    /// Returns whether there are no tenants.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns why a tenant is not served, if its row cannot be read.
    #[must_use]
    pub fn why_broken(&self, id: TenantId) -> Option<&str> {
        self.broken.get(&id).map(|reason| &**reason)
    }

    /// Returns the number of tenants that are not served, since their rows cannot be
    /// read.
    #[must_use]
    pub fn broken(&self) -> usize {
        self.broken.len()
    }

    /// Returns the tenant with an id.
    #[must_use]
    pub fn by_id(&self, id: TenantId) -> Option<&TenantRow> {
        self.by_id.get(&id).map(|row| &**row)
    }

    /// Returns the tenant with a slug.
    #[must_use]
    pub fn by_slug(&self, slug: &str) -> Option<&TenantRow> {
        self.by_slug.get(slug).map(|row| &**row)
    }

    /// Returns the tenant with a slug or an id. A slug of an older version that equals
    /// another tenant's id names neither.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&TenantRow> {
        let by_id = name.parse().ok().and_then(|id| self.by_id(id));
        match (self.by_slug(name), by_id) {
            (Some(one), Some(other)) if one.id != other.id => None,
            (by_slug, by_id) => by_slug.or(by_id),
        }
    }

    /// Returns the id of the tenant with a slug or an id. Also finds, by its id only, a
    /// tenant whose row cannot be read.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<TenantId> {
        let broken = || name.parse().ok().filter(|id| self.broken.contains_key(id));
        self.named(name).map(|row| row.id).or_else(broken)
    }

    /// Returns the tenant of a web domain. Case, a port and a trailing dot do not matter.
    #[must_use]
    pub fn by_domain(&self, domain: &str) -> Option<&TenantRow> {
        self.by_domain.get(&plain_domain(domain)).map(|row| &**row)
    }

    /// Returns the tenants that trust an issuer or once did. Their states tell which
    /// still do. Empty for an issuer that no tenant ever trusted.
    #[must_use]
    pub fn by_issuer(&self, issuer: &str) -> &[TenantId] {
        self.by_issuer.get(issuer).map_or(&[], Vec::as_slice)
    }
}

/// Returns a web domain in the form of the directory.
#[must_use]
pub(crate) fn plain_domain(domain: &str) -> String {
    let host = match domain.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => domain,
    };
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u128, slug: &str, domains: &[&str]) -> TenantRow {
        TenantRow {
            id: TenantId(uuid::Uuid::from_u128(id)),
            slug: slug.to_owned(),
            domains: domains.iter().map(ToString::to_string).collect(),
            created_at: attache_core::Timestamp::MIN,
        }
    }

    fn new(tenants: Vec<TenantRow>, is_all: bool) -> DirectoryChanges {
        DirectoryChanges {
            is_all,
            tenants,
            ..DirectoryChanges::default()
        }
    }

    fn all(rows: Vec<TenantRow>) -> Directory {
        Directory::default().with(new(rows, true)).unwrap()
    }

    #[test]
    fn what_is_new_is_put_beside_what_is_there() {
        let directory = all(vec![
            row(1, "acme", &["a.example", "b.example"]),
            row(2, "globex", &[]),
        ]);
        assert!(
            directory
                .with(new(vec![row(2, "globex", &[])], false))
                .is_none()
        );
        // In whichever order a domain changes hands.
        let one = row(1, "acme-eu", &["a.example"]);
        let other = row(2, "globex", &["b.example"]);
        for changes in [vec![one.clone(), other.clone()], vec![other, one]] {
            let changed = directory.with(new(changes, false)).unwrap();
            let at = |domain: &str| changed.by_domain(domain).map(|row| row.slug.clone());
            assert_eq!(at("a.example").as_deref(), Some("acme-eu"));
            assert_eq!(at("b.example").as_deref(), Some("globex"));
            assert!(changed.by_slug("acme").is_none());
            assert_eq!(changed.len(), 2);
        }
        assert!(directory.by_slug("acme").is_some(), "a copy was changed");
        let again = directory
            .with(new(vec![row(3, "hooli", &[])], true))
            .unwrap();
        assert_eq!(again.len(), 1);
    }

    #[test]
    fn a_row_that_cannot_be_read_stops_its_own_tenant_only() {
        let directory = all(vec![row(1, "acme", &["a.example"]), row(2, "globex", &[])]);
        let id = TenantId(uuid::Uuid::from_u128(1));
        let broken = DirectoryChanges {
            broken: vec![attache_log::BrokenTenant {
                id: Some(id),
                reason: "its list of domains is broken".to_owned(),
            }],
            ..DirectoryChanges::default()
        };
        let directory = directory.with(broken).unwrap();
        assert!(directory.by_id(id).is_none() && directory.by_domain("a.example").is_none());
        assert!(directory.why_broken(id).is_some());
        assert_eq!((directory.len(), directory.broken()), (1, 1));
        assert_eq!(directory.id_of(&id.to_string()), Some(id));
        assert_eq!(directory.id_of("acme"), None);
        assert!(directory.named(&id.to_string()).is_none());
        // Until it can.
        let mended = directory
            .with(new(vec![row(1, "acme", &[])], false))
            .unwrap();
        assert_eq!((mended.len(), mended.broken()), (2, 0));
    }

    #[test]
    fn pages_follow_one_another_by_slug() {
        let rows = (0..7)
            .map(|at| row(at, &format!("t{}", 6 - at), &[]))
            .collect();
        let directory = all(rows);
        let mut found = Vec::new();
        loop {
            let after = found.last().cloned();
            let page = directory.page(after.as_deref(), 3);
            found.extend(page.iter().map(|row| row.slug.clone()));
            if page.len() < 3 {
                break;
            }
        }
        assert_eq!(found, ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]);
    }

    #[test]
    fn a_slug_that_is_another_tenants_id_names_neither() {
        let row = |id: u128, slug: &str| row(id, slug, &[]);
        let own = TenantId(uuid::Uuid::from_u128(3)).to_string();
        let other = TenantId(uuid::Uuid::from_u128(1)).to_string();
        let rows = vec![row(1, "acme"), row(2, &other), row(3, &own)];
        let directory = all(rows);
        let named = |name: &str| directory.named(name).map(|row| row.id.0.as_u128());
        assert_eq!(named("acme"), Some(1));
        assert_eq!(named(&other), None, "a slug of an older version");
        assert_eq!(named(&own), Some(3));
        assert_eq!(
            named(&TenantId(uuid::Uuid::from_u128(2)).to_string()),
            Some(2)
        );
        assert_eq!(named("nobody"), None);
    }

    #[test]
    fn a_domain_is_found_whatever_its_case_port_and_dot() {
        for text in [
            "acme.example",
            "ACME.example",
            "acme.example:8443",
            "acme.example.",
        ] {
            assert_eq!(plain_domain(text), "acme.example");
        }
        assert_eq!(plain_domain("acme.example:x"), "acme.example:x");
    }
}
