//! Which tenants there are.

use std::collections::HashMap;
use std::sync::Arc;

use attache_core::id::TenantId;

use attache_log::{IssuerRow, TenantRow};

/// All tenants, found by id, slug, web domain or trusted issuer.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    by_id: HashMap<TenantId, Arc<TenantRow>>,
    by_slug: HashMap<String, Arc<TenantRow>>,
    by_domain: HashMap<String, Arc<TenantRow>>,
    by_issuer: HashMap<String, Vec<TenantId>>,
}

impl Directory {
    pub(super) fn new(rows: Vec<TenantRow>, issuers: Vec<IssuerRow>) -> Self {
        let mut directory = Self::default();
        for row in rows {
            let row = Arc::new(row);
            directory.by_id.insert(row.id, row.clone());
            directory.by_slug.insert(row.slug.clone(), row.clone());
            for domain in &row.domains {
                directory.by_domain.insert(domain.clone(), row.clone());
            }
        }
        for row in issuers {
            let trusting = directory.by_issuer.entry(row.issuer).or_default();
            trusting.push(row.tenant);
        }
        directory
    }

    /// All of them, by slug.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<TenantRow>> {
        let mut all: Vec<_> = self.by_id.values().cloned().collect();
        all.sort_by(|a, b| a.slug.cmp(&b.slug));
        all
    }

    /// The tenant of an id.
    #[must_use]
    pub fn by_id(&self, id: TenantId) -> Option<&TenantRow> {
        self.by_id.get(&id).map(|row| &**row)
    }

    /// The tenant of a slug.
    #[must_use]
    pub fn by_slug(&self, slug: &str) -> Option<&TenantRow> {
        self.by_slug.get(slug).map(|row| &**row)
    }

    /// The tenant of a slug or an id. A slug that an older version took and that
    /// is another tenant's id names neither.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&TenantRow> {
        let by_id = name.parse().ok().and_then(|id| self.by_id(id));
        match (self.by_slug(name), by_id) {
            (Some(one), Some(other)) if one.id != other.id => None,
            (by_slug, by_id) => by_slug.or(by_id),
        }
    }

    /// The tenant at a web domain. Case, a port and a dot at the end do not matter.
    #[must_use]
    pub fn by_domain(&self, domain: &str) -> Option<&TenantRow> {
        self.by_domain.get(&plain_domain(domain)).map(|row| &**row)
    }

    /// The tenants that trust an issuer, or once did: their states tell which
    /// still do. Empty for an issuer that nobody ever trusted.
    #[must_use]
    pub fn by_issuer(&self, issuer: &str) -> &[TenantId] {
        self.by_issuer.get(issuer).map_or(&[], Vec::as_slice)
    }
}

/// A web domain as the directory keeps it.
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

    #[test]
    fn a_slug_that_is_another_tenants_id_names_neither() {
        let row = |id: u128, slug: &str| TenantRow {
            id: TenantId(uuid::Uuid::from_u128(id)),
            slug: slug.to_owned(),
            domains: Vec::new(),
            created_at: attache_core::Timestamp::MIN,
        };
        let own = TenantId(uuid::Uuid::from_u128(3)).to_string();
        let other = TenantId(uuid::Uuid::from_u128(1)).to_string();
        let rows = vec![row(1, "acme"), row(2, &other), row(3, &own)];
        let directory = Directory::new(rows, Vec::new());
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
