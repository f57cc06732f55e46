//! All settings. Each is declared once: its key, type, default, bounds, comment, and
//! former key.
//!
//! `attache config`, the checks, the names of environment variables, `attache config
//! show` and docs/configuration.md are made from this file.

use std::net::SocketAddr;
use std::path::PathBuf;

use attache_tenants::Reads;

use super::LogFormat;
use super::setting::{ReadSetting, Section, Setting, Unit, settings};
use super::value::{DatabaseUrl, Secret, Size, Span, Value};

settings! {
    [top ""] TopSection {
        /// The folder of the data, created if it is missing. Unused if a database is
        /// named. Relative paths in this file start at the working directory of attache,
        /// not at the folder of this file.
        data: PathBuf = "attache-data";
        /// The database, in place of the file attache.db in the data folder:
        ///   postgres://user@db.acme.example:5432/attache?sslmode=verify-full
        ///   postgres://user@one.acme.example,two.acme.example/attache?target_session_attrs=read-write
        ///   sqlite:/var/lib/attache/attache.db
        /// Any number of servers can run over one PostgreSQL (15 or later).
        database: DatabaseUrl = "";
        /// The address to listen at. To be reached from elsewhere, put a proxy with TLS
        /// in front.
        listen: SocketAddr = "127.0.0.1:8080";
        /// The SHA-256 of the operator's token: `attache operator-token` makes a token
        /// and prints this line. The token's holder can create tenants, and do anything
        /// in any tenant, over HTTP. Empty: there is no operator.
        operator_token_sha256: Secret = "";
        /// The URL of this installation from outside, such as
        /// "https://access.acme.example", without a slash at the end. It is the
        /// identifier of the AuthZEN decision point, which clients must use in exactly
        /// this form. If it has a path, a proxy must remove the path from requests, and
        /// attache puts it into answers: Location, types of problems, links. Empty:
        /// http:// and the host that a request was sent to.
        public_url: String = "";
    }

    [logging "logging"] LoggingSection {
        /// error, warn, info, debug or trace; or a filter such as
        /// "info,attache_tenants=debug". At info, each request has a line: route, status,
        /// tenant, caller (kind and id), client address. Requests for health and metrics
        /// have theirs at debug.
        level: String = "info";
        /// "human", "json", or "auto": human on a terminal, JSON elsewhere.
        format: LogFormat = "auto";
    }

    [limits "limits"] LimitsSection {
        /// The most open connections. Others wait to be accepted. Each takes an open
        /// file: attache raises its limit of open files as far as the system allows,
        /// reserves some for the database, and lowers the number of connections if the
        /// limit is too small, which its log says at the start.
        connections: usize = 10000 in 1..=1000000000;
        /// The most connections of one address. An IPv6 network of 64 bits counts as one
        /// address, and connections from this machine do not count. Further connections
        /// are closed at once. 0: any number, for use behind a proxy on another machine,
        /// from whose address all connections come.
        connections_per_address: usize = 0 in 0..=1000000000;
        /// The most connections that wait to be accepted. The system may allow fewer
        /// (net.core.somaxconn on Linux).
        waiting_connections: u32 = 4096 in 16..=65535;
        /// The most time for a client to send the head of a request. It counts from the
        /// first byte of the head; for the first request, from the start of the
        /// connection.
        head_within: Span = "10s" in "1s"..="12d", was head_seconds: Seconds;
        /// How long a connection may be idle between two requests. Set it above the idle
        /// time of a proxy in front of attache (mostly 60 to 75 s), so that the proxy
        /// closes first. Otherwise the proxy may send a request into a connection that is
        /// just being closed, and answer 502.
        keep_alive_for: Span = "90s" in "1s"..="12d", was keep_alive_seconds: Seconds;
        /// The size of the largest body that is read.
        body_size: Size = "4MiB" in "1B"..="1GB", was body_bytes: Bytes;
        /// The most bytes of all bodies that are being read or worked on. Bytes count as
        /// they arrive, not as they are announced. Requests beyond it are answered 503
        /// with Retry-After. At least bodies_size_of_one.
        bodies_size: Size = "256MiB" in "1B"..="1GB", was bodies_bytes: Bytes;
        /// The most bytes of bodies from one tenant's callers. At least body_size.
        bodies_size_of_one: Size = "64MiB" in "1B"..="1GB", was bodies_bytes_of_one: Bytes;
        /// The most bytes of a page of a list. A page ends there even with fewer items
        /// than page_size, and `next` continues it. A page has at least one item. Also:
        /// how much of one entry is shown at once; how much of a list without such pages
        /// (of the published APIs, or as application/x-ndjson and text/csv) is written
        /// before it is sent; and the size from which several evaluations of AuthZEN are
        /// answered without explanations.
        answer_size: Size = "4MiB" in "1B"..="1GB", was answer_bytes: Bytes;
        /// The most bytes about the faults of a request in an answer. If there are more
        /// faults, the answer tells their number.
        error_size: Size = "64KiB" in "1B"..="1GB", was error_bytes: Bytes;
        /// How much of a refused body is read and discarded before the connection ends.
        /// Otherwise a client that is still sending would see a broken connection instead
        /// of its answer.
        discard_size: Size = "64MiB" in "1B"..="1GB", was discard_bytes: Bytes;
        /// How long a refused body is read and discarded.
        discard_within: Span = "30s" in "1s"..="12d", was discard_seconds: Seconds;
        /// The most time for an answer, from the end of the request's head. If the body
        /// has not arrived by then, the answer is 408, otherwise 503.
        answer_within: Span = "30s" in "1s"..="12d", was answer_seconds: Seconds;
        /// The most users in one sync.
        sync_users: usize = 100000 in 1..=1000000000;
        /// The most items in one page of a list.
        page_size: usize = 1000 in 1..=1000000000;
        /// The most operations in one bulk.
        bulk_operations: usize = 10000 in 1..=1000000000;
        /// The most evaluations in one AuthZEN request.
        evaluations: usize = 1000 in 1..=1000000000;
        /// The most of the newest entries that are searched for a name that nothing has any
        /// more: the key or number of a removed or renamed thing. 0: none.
        former_names_in: usize = 10000 in 0..=1000000000;
        /// How long an invitation without an end is accepted.
        invitation: Span = "7d" in "1m"..="42000d", was invitation_hours: Hours;
        /// How long a shutdown waits for answers that are under way.
        finish_within: Span = "20s" in "1s"..="12d", was finish_seconds: Seconds;
    }

    /// Imports over a server (POST /api/v1/import). An archive must arrive within
    /// limits.answer_within.
    [imports "imports"] ImportsSection {
        /// The size of the largest archive that is read.
        size: Size = "64MiB" in "1B"..="4GB", was bytes: Bytes;
        /// The most bytes of its files together, unpacked. An import has all rows in
        /// memory, which take about as much again.
        unpacked_size: Size = "512MiB" in "1B"..="100GB", was unpacked_bytes: Bytes;
        /// The most entries of an archive.
        entries: usize = 1000 in 1..=1000000;
        /// The most imports at the same time, of all tenants; of one tenant, one. Further
        /// imports are answered 503 with Retry-After.
        at_once: usize = 2 in 1..=1000;
        /// The most changes, and the most faults, in the report of an import.
        report_lines: usize = 10000 in 1..=1000000;
        /// How long an import can be looked up after its end, on the server that it was
        /// sent to.
        kept_for: Span = "1h" in "1s"..="70d", was kept_minutes: Minutes;
        /// The most imports of one tenant that can be looked up.
        kept_of_one: usize = 20 in 1..=1000;
    }

    [tenants "tenants"] TenantsSection {
        /// "local": reads are answered from memory, and may lack another server's writes
        /// for a moment. "latest": each read first asks the database for the tenant's
        /// last entry.
        reads: Reads = "local";
        /// How long the database may be silent before reads are refused (503): it may
        /// have revoked what memory still allows. Longer than poll_every.
        silent_for: Span = "5s" in "1s"..="12d", was silent_seconds: Seconds;
        /// How long to find out whether a write is stored after its answer was lost.
        settle_within: Span = "10s" in "1s"..="12d", was settle_seconds: Seconds;
        /// How often to look for other processes' writes.
        poll_every: Span = "250ms" in "1ms"..="1s", was poll_millis: Millis;
        /// How long a tenant stays open without requests.
        close_after_idle: Span = "15m" in "1s"..="12d", was close_after_idle_seconds: Seconds;
        /// After how many changes a snapshot is saved. Snapshots make opening faster.
        snapshot_after_changes: usize = 10000 in 1..=1000000000;
        /// The most commands in the queue of one tenant's writer.
        waiting_commands: usize = 4096 in 1..=1000000000;
        /// How often a write is decided again after another process was faster.
        attempts: usize = 64 in 1..=1000000000;
        /// How long an import may make a tenant's writers wait, if they write to it
        /// meanwhile.
        hold_for: Span = "60s" in "1s"..="12d", was hold_seconds: Seconds;
        /// How long a single write waits for an import. Then it is refused (503) and
        /// nothing is written.
        held_write_for: Span = "10s" in "1s"..="12d", was held_write_seconds: Seconds;
        /// The most expired memberships and grants that one entry records.
        expire_at_once: usize = 1000 in 1..=1000000000;
        /// How many pieces of heavy work run at the same time: large bulks and bodies,
        /// lists of thousands, searches. They run beside the threads that serve
        /// everybody, in turns between tenants, and one tenant has at most half of the
        /// turns. 0: one fewer than there are processors, and at least one.
        heavy_at_once: usize = 0 in 0..=256;
        /// The most waiting pieces of one tenant's heavy work. Further ones are answered
        /// 503 with Retry-After.
        heavy_waiting: usize = 64 in 1..=1000000000;
        /// How long a write with an Idempotency-Key is remembered.
        remember_requests: Span = "24h" in "1m"..="42000d", was remember_requests_hours: Hours;
    }

    /// Questions about another time (Attache-At). The state of then is made from the tenant's
    /// entries, on from the nearest state that is kept.
    [history "history"] HistorySection {
        /// The most memory of past states that are kept for the next question, by an
        /// estimate of 128 bytes for each user, resource, membership and grant. The
        /// newest one is kept however large it is.
        memory: Size = "256MiB" in "0B"..="1000TiB";
        /// How long a request waits for the state of then, before it is answered 503 with
        /// Retry-After; at most half of limits.answer_within. The state goes on being
        /// made.
        wait: Span = "10s" in "1s"..="1h";
        /// How many past states are made at the same time, each of another tenant. Each
        /// is a whole state in memory.
        at_once: usize = 2 in 1..=256;
        /// The most past states of one tenant that wait to be made. Further requests are
        /// answered 503 with Retry-After.
        waiting: usize = 16 in 1..=1000000;
    }

    /// Opening tenants at the start of the server, most recently written first. Until it
    /// is done, /readyz answers 503 with the progress.
    [opening "opening"] OpeningSection {
        /// How long tenants are opened ahead. The others are opened at their first
        /// request; with 0s, all are.
        within: Span = "30s" in "0s"..="1h", was seconds: Seconds;
        /// No further tenant is opened ahead once the process has this much memory. Only
        /// known on Linux.
        memory: Size = "1GiB" in "1MiB"..="1000TiB", was memory_mib: MiB;
        /// How long a request waits for its tenant to open, before it is answered 503
        /// with Retry-After; at most half of limits.answer_within.
        wait: Span = "3s" in "1s"..="1h", was wait_seconds: Seconds;
    }

    /// When to believe the machine's clock. If it leaps, time continues with the
    /// monotonic clock until the leap is confirmed: at once by PostgreSQL's clock if that
    /// did not leap too, or else by the clock's running evenly for clock.confirm. Until
    /// then, attache records nothing as expired.
    [clock "clock"] ClockSection {
        /// The smallest step that counts as a leap. Smaller steps are followed, together
        /// at most this long within clock.confirm.
        leap: Span = "5s" in "1s"..="12d", was leap_seconds: Seconds;
        /// How long the clock must run evenly after a leap, and after a start.
        confirm: Span = "60s" in "1s"..="12d", was confirm_seconds: Seconds;
    }

    /// Connections to PostgreSQL. For a SQLite file, only `migrate` counts, and
    /// `answer_within` as the most time to wait for a connection.
    [postgres "postgres"] PostgresSection {
        /// The file with the password, read at each connection. Empty: the password in
        /// the URL, in ~/.pgpass or in PGPASSWORD.
        password_file: PathBuf = "";
        /// The number of connections for reads. Five more poll, append, notify and
        /// listen.
        connections: usize = 8 in 1..=1000;
        /// The most time for a host to accept a connection.
        connect_within: Span = "3s" in "1s"..="1h", was connect_seconds: Seconds;
        /// The most time for an answer; 24 times as long for large answers.
        answer_within: Span = "5s" in "1s"..="1h", was answer_seconds: Seconds;
        /// Whether to be notified of other servers' writes (LISTEN, NOTIFY). Without it,
        /// they are found by polling each tenants.poll_every. Use false for an engine
        /// without LISTEN.
        listen: bool = true;
        /// Whether a server brings the tables up to date when it starts. Without it,
        /// `attache migrate` does.
        migrate: bool = true;
    }

    /// Tokens (JWT) of the identity providers that a tenant trusts.
    [jwt "jwt"] JwtSection {
        /// The size of the longest token that is read.
        token_size: Size = "8KiB" in "256B"..="64KiB", was token_bytes: Bytes;
        /// How far an identity provider's clock may differ. Expired tokens stay valid for
        /// this long.
        leeway: Span = "60s" in "0s"..="5m", was leeway_seconds: Seconds;
        /// The most verified tokens that are remembered, so that each signature is
        /// verified once.
        remembered_tokens: usize = 100000 in 1..=10000000;
        /// How long an issuer's keys are good if it does not say (Cache-Control). From
        /// keys_last_at_least to keys_last_at_most.
        keys_last: Span = "1h" in "1s"..="7d", was keys_seconds: Seconds;
        /// How long an issuer's keys are good at least, whatever it says.
        keys_last_at_least: Span = "5m" in "1s"..="24h", was keys_least_seconds: Seconds;
        /// How long an issuer's keys are good at most, whatever it says.
        keys_last_at_most: Span = "24h" in "1s"..="7d", was keys_most_seconds: Seconds;
        /// The least time between two fetches of an issuer's keys. A token that none of
        /// the known keys has signed makes attache fetch them again.
        refetch_after: Span = "30s" in "5s"..="1h", was refetch_seconds: Seconds;
        /// How long expired keys stay in use while the issuer is down.
        stale_for: Span = "24h" in "0s"..="30d", was stale_hours: Hours;
        /// The most time for one fetch of keys.
        fetch_within: Span = "5s" in "1s"..="15s", was fetch_seconds: Seconds;
        /// The most bytes of one fetch of keys.
        fetch_size: Size = "256KiB" in "1KiB"..="16MiB", was fetch_bytes: Bytes;
        /// If several tenants trust an issuer and one of them accepts a token: how long
        /// the token waits for the keys of the others that could accept it too. A source
        /// of keys that is slower, or fails, is not waited for during a while. A token
        /// under expired keys waits as long for newer ones.
        others_within: Span = "500ms" in "0s"..="5s", was others_millis: Millis;
        /// Whether keys may be fetched from this machine and from private addresses. A
        /// tenant's admin chooses the address, and could find out what listens there.
        private_addresses: bool = false;
    }
}
