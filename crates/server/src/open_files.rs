//! The limit of open files. Connections are files too.

/// The files reserved for the SQLite database, the log and the runtime, besides
/// connections to a database server.
const KEPT: u64 = 64;

/// Raises the limit of open files as far as the system allows. Returns the number of
/// connections that fit, at most `wanted`, after reserving files for `database`
/// connections and the rest.
#[must_use]
pub(crate) fn connections(wanted: usize, database: usize) -> usize {
    let Some(limit) = raise() else { return wanted };
    let allowed = allowed(limit, database);
    if allowed < wanted {
        tracing::warn!(
            wanted,
            allowed,
            limit,
            "the system allows too few open files (ulimit -n): there are fewer connections than limits.connections"
        );
    }
    wanted.min(allowed)
}

fn allowed(limit: u64, database: usize) -> usize {
    let kept = KEPT.saturating_add(database as u64);
    usize::try_from(limit.saturating_sub(kept).max(1)).unwrap_or(usize::MAX)
}

/// Raises the limit and returns it. `None` for no limit.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            before
        }
    }
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_kept_for_the_database() {
        assert_eq!(allowed(1_024, 8), 952);
        // However few there are, somebody can be answered.
        assert_eq!(allowed(10, 8), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised_to_what_the_system_allows() {
        use rustix::process::{Resource, getrlimit};

        let raised = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(raised, limit.maximum);
    }
}
