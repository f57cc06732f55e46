//! The limits of requests, imports and connections, with their defaults.

use std::time::Duration;

/// The limits of a single request. Each one is a key of the configuration.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body that is read.
    pub body_bytes: usize,
    /// The most bytes of all bodies together that are being read or worked on.
    pub bodies_bytes: usize,
    /// The most bytes of one tenant's bodies among [`Limits::bodies_bytes`].
    pub bodies_bytes_of_one: usize,
    /// The most bytes of a page of a list. A page holds at least one item, however large.
    pub answer_bytes: usize,
    /// The most bytes of an error that names the faults of a request.
    pub error_bytes: usize,
    /// The time within which a request must be answered.
    pub answer_within: Duration,
    /// The most users in one sync.
    pub sync_users: usize,
    /// The most items in one page.
    pub page_size: usize,
    /// The most operations in one bulk.
    pub bulk_operations: usize,
    /// The most evaluations in one request.
    pub evaluations: usize,
    /// The most of the newest entries that are searched for a name that nothing has any more.
    pub former_names_in: usize,
    /// The time after which an invitation ends that names no end.
    pub invitation: Duration,
    /// The limits of imports.
    pub imports: ImportLimits,
}

/// The limits of an import over a server. Each one is a key of the configuration.
#[derive(Clone, Debug)]
pub struct ImportLimits {
    /// The most bytes of an archive.
    pub bytes: usize,
    /// The most bytes of an archive's files together, unpacked.
    pub unpacked_bytes: usize,
    /// The most entries of an archive.
    pub entries: usize,
    /// The most imports of all tenants that run at one time.
    pub at_once: usize,
    /// The most changes, and the most faults, that a report shows.
    pub report_lines: usize,
    /// The time for which an import can be looked at after its end.
    pub kept_for: Duration,
    /// The most imports of one tenant that can be looked at.
    pub kept_of_one: usize,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            unpacked_bytes: 512 * 1024 * 1024,
            entries: 1_000,
            at_once: 2,
            report_lines: 10_000,
            kept_for: Duration::from_secs(3_600),
            kept_of_one: 20,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 4 * 1024 * 1024,
            bodies_bytes: 256 * 1024 * 1024,
            bodies_bytes_of_one: 64 * 1024 * 1024,
            answer_bytes: 4 * 1024 * 1024,
            error_bytes: 64 * 1024,
            answer_within: Duration::from_secs(30),
            sync_users: 100_000,
            page_size: 1_000,
            bulk_operations: 10_000,
            evaluations: 1_000,
            former_names_in: 10_000,
            invitation: Duration::from_secs(7 * 24 * 3_600),
            imports: ImportLimits::default(),
        }
    }
}

/// The limits of a server's connections. Each one is a key of the configuration.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// The most connections that are open at one time.
    pub connections: usize,
    /// The most open connections from one address, loopback excepted; 0: any number.
    pub connections_per_address: usize,
    /// The most connections that wait to be accepted. The system may allow fewer.
    pub waiting_connections: u32,
    /// The time within which a client must send the head of a request, from the head's first
    /// byte; for the first request of a connection, from the connection's beginning.
    pub head_within: Duration,
    /// The time for which a connection may be idle between two requests.
    pub keep_alive_for: Duration,
    /// The most bytes of a refused body that are read and discarded.
    pub discard_bytes: usize,
    /// The time for which a refused body is read and discarded.
    pub discard_within: Duration,
    /// The time for which a shutdown waits for answers that are under way.
    pub finish_within: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 0,
            waiting_connections: 4_096,
            head_within: Duration::from_secs(10),
            keep_alive_for: Duration::from_secs(90),
            discard_bytes: 64 * 1024 * 1024,
            discard_within: Duration::from_secs(30),
            finish_within: Duration::from_secs(20),
        }
    }
}
