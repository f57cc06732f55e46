//! The table of web domains, held against the lists of the tenants that it is made from.

use std::collections::{BTreeMap, BTreeSet};

use super::database::{Connection, Database, Value};
use super::tenant_rows::{note_domains, read};
use super::{LogError, TenantRow, statements};

/// The tenants whose rows of the table are not as their lists say, by their ids as text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Differences {
    /// Those whose rows are to be made anew, the oldest tenants first.
    tenants: Vec<String>,
    /// Domains that more than one tenant lists, with all these tenants.
    shared: BTreeMap<String, Vec<String>>,
}

impl Differences {
    /// What the rows of the table, as domain and tenant, have that the lists do not, and the
    /// other way round. Rows of the `unread` stay: nobody knows what these list.
    fn between(tenants: &[TenantRow], unread: &BTreeSet<String>, table: &[Row]) -> Self {
        let mut listed: BTreeMap<&str, Vec<(i64, String)>> = BTreeMap::new();
        let mut ages: BTreeMap<String, i64> = BTreeMap::new();
        for row in tenants {
            let (age, id) = (row.created_at.as_millis(), row.id.to_string());
            let domains: BTreeSet<&String> = row.domains.iter().collect();
            for domain in domains {
                listed.entry(domain).or_default().push((age, id.clone()));
            }
            ages.insert(id, age);
        }
        let mut wrong: BTreeSet<&str> = BTreeSet::new();
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (domain, owner) in table {
            let all = listed.get(&**domain);
            let is_listed = all.is_some_and(|all| all.iter().any(|(_, id)| id == owner));
            if is_listed {
                owners.insert(domain, owner);
            } else if !unread.contains(owner) {
                wrong.insert(owner);
            }
        }
        let mut shared = BTreeMap::new();
        for (domain, all) in &mut listed {
            all.sort();
            if all.len() > 1 {
                let all = all.iter().map(|(_, id)| id.clone());
                shared.insert((*domain).to_owned(), all.collect());
            }
            if !owners.contains_key(domain)
                && let Some((_, oldest)) = all.first()
            {
                wrong.insert(oldest);
            }
        }
        let mut tenants: Vec<String> = wrong.into_iter().map(str::to_owned).collect();
        tenants.sort_by_key(|id| (ages.get(id).copied(), id.clone()));
        Self { tenants, shared }
    }
}

/// A domain and the tenant that has it.
type Row = (String, String);

/// Makes the rows of the table anew that are not as the tenants' lists say, and names them
/// in the log. Nothing is believed of the table: by it alone, another tenant could take a
/// domain.
///
/// # Errors
/// If the database does not answer, or takes no writes.
pub(super) async fn check(
    database: &Database,
    tenants: &[TenantRow],
    unread: &BTreeSet<String>,
) -> Result<(), LogError> {
    let rows = database.large_rows(statements::DOMAINS, &[]).await?;
    let table = rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?)));
    let table: Vec<Row> = table.collect::<Result<_, LogError>>()?;
    let found = Differences::between(tenants, unread, &table);
    for (domain, tenants) in &found.shared {
        tracing::error!(
            domain,
            ?tenants,
            "more than one tenant lists a domain: leave it to one of them with `attache tenant change`"
        );
    }
    if found.tenants.is_empty() {
        return Ok(());
    }
    let mut checked_out = database.check_out_good().await?;
    let connection = checked_out.connection()?;
    connection.begin_alone().await?;
    let made = remake(connection, &found.tenants).await?;
    connection.say("COMMIT").await?;
    checked_out.return_to_pool();
    database.watch().wrote();
    for (tenant, domains) in made {
        tracing::error!(
            tenant,
            ?domains,
            "the table of domains was not as this tenant's list says, and was made anew"
        );
    }
    Ok(())
}

/// Makes the rows of tenants anew, and gives those whose rows were not as they are now. What
/// these list is read again: it may have changed meanwhile.
async fn remake(
    connection: &mut Connection,
    tenants: &[String],
) -> Result<Vec<(String, Vec<String>)>, LogError> {
    let mut lists = Vec::new();
    for id in tenants {
        let values = [Value::Text(id)];
        let rows = connection.rows(statements::DOMAINS_OF, &values).await?;
        let had = rows.iter().map(|row| row.text(0));
        let had: BTreeSet<String> = had.collect::<Result<_, _>>()?;
        let rows = connection.rows(statements::TENANT_OF, &values).await?;
        let domains = match rows.first() {
            Some(row) => read(row)?.domains,
            None => Vec::new(),
        };
        if had != domains.iter().cloned().collect() {
            lists.push((id.clone(), domains));
        }
    }
    // What one has in error may be another's.
    for (id, _) in &lists {
        note_domains(connection, id, &[]).await?;
    }
    for (id, domains) in &lists {
        note_domains(connection, id, domains).await?;
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use attache_core::Timestamp;
    use attache_core::id::TenantId;
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u32, domains: &[&str]) -> TenantRow {
        TenantRow {
            id: id(number),
            slug: format!("t{number}"),
            domains: domains.iter().map(ToString::to_string).collect(),
            created_at: Timestamp::from_millis(number.into()),
        }
    }

    fn id(number: u32) -> TenantId {
        TenantId(Uuid::from_u128(number.into()))
    }

    fn between(tenants: &[TenantRow], table: &[(&str, u32)]) -> (Vec<String>, usize) {
        let row = |(domain, owner): &(&str, u32)| ((*domain).to_owned(), id(*owner).to_string());
        let table: Vec<Row> = table.iter().map(row).collect();
        let unread = BTreeSet::from([id(9).to_string()]);
        let found = Differences::between(tenants, &unread, &table);
        (found.tenants, found.shared.len())
    }

    #[test]
    fn a_table_that_is_as_the_lists_say_is_left() {
        let tenants = [tenant(1, &["a", "a", "b"]), tenant(2, &[])];
        assert_eq!(between(&tenants, &[("a", 1), ("b", 1)]), (vec![], 0));
        // What a tenant lists whose row cannot be read is not known.
        let with_unread = [("a", 1), ("b", 1), ("z", 9)];
        assert_eq!(between(&tenants, &with_unread), (vec![], 0));
    }

    #[test]
    fn missing_and_foreign_rows_name_their_tenants() {
        let tenants = [tenant(1, &["a"]), tenant(2, &["b"])];
        let ids = |ids: &[u32]| ids.iter().map(|it| id(*it).to_string()).collect::<Vec<_>>();
        assert_eq!(between(&tenants, &[("b", 2)]), (ids(&[1]), 0));
        assert_eq!(between(&tenants, &[("x", 1), ("b", 2)]), (ids(&[1]), 0));
        assert_eq!(between(&tenants, &[("a", 2), ("b", 2)]), (ids(&[1, 2]), 0));
        assert_eq!(
            between(&tenants, &[("a", 1), ("b", 2), ("c", 5)]),
            (ids(&[5]), 0)
        );
    }

    #[test]
    fn a_domain_that_two_list_stays_with_the_one_that_has_it() {
        let tenants = [tenant(1, &["a"]), tenant(2, &["a"])];
        assert_eq!(between(&tenants, &[("a", 2)]), (vec![], 1));
        let oldest = vec![id(1).to_string()];
        assert_eq!(between(&tenants, &[]), (oldest, 1));
    }
}
