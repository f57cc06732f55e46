//! All settings, each declared once: its key, type, default, bounds, comment, and former key.
//!
//! `attache config`, the checks, the names of environment variables, `attache config show` and
//! docs/configuration.md are made from this.

use std::net::SocketAddr;
use std::path::PathBuf;

use attache_tenants::Reads;

use super::LogFormat;
use super::setting::{ReadSetting, Section, Setting, Unit, settings};
use super::value::{DatabaseUrl, Secret, Size, Span, Value};

settings! {
    [top ""] TopSection {
        /// The folder of the data, made when it is missing. Not used where a database is
        /// named.
        data: PathBuf = "attache-data";
        /// The database, in place of the file attache.db in the data folder:
        ///   postgres://user@db.acme.example:5432/attache?sslmode=verify-full
        ///   postgres://user@one.acme.example,two.acme.example/attache?target_session_attrs=read-write
        ///   sqlite:/var/lib/attache/attache.db
        /// Any number of servers can run over one PostgreSQL (15 or later).
        database: DatabaseUrl = "";
        /// The address to listen at. Put a proxy that speaks TLS before it to be reached from
        /// elsewhere.
        listen: SocketAddr = "127.0.0.1:8080";
        /// The SHA-256 of the operator's token: `attache operator-token` makes one and prints
        /// this line. The token's holder can make tenants, and do anything in any tenant, over
        /// HTTP. Empty: nobody can.
        operator_token_sha256: Secret = "";
        /// The URL of this installation from outside, such as "https://access.acme.example",
        /// with no slash at the end. It is the name of the AuthZEN decision point, which its
        /// clients must use as it stands here. Where it has a path, a proxy takes that off the
        /// requests, and attache puts it before what it answers: Location, types of problems,
        /// links. Empty: http:// and the host that a request was sent to.
        public_url: String = "";
    }

    [logging "logging"] LoggingSection {
        /// error, warn, info, debug or trace; or a filter such as "info,attache_tenants=debug".
        /// At info, each request has a line: route, status, tenant, caller (kind and id), client
        /// address. Probes of health and metrics have theirs at debug.
        level: String = "info";
        /// "human", "json", or "auto": human on a terminal, JSON elsewhere.
        format: LogFormat = "auto";
    }

    [limits "limits"] LimitsSection {
        /// How many connections may be open. Others wait to be accepted. Each takes an open
        /// file: attache raises its limit of them as far as the system lets it, keeps some for
        /// the database, and has fewer connections where that is not enough, which it says at
        /// its start.
        connections: usize = 10000 in 1..=1000000000;
        /// How many connections one address may have; an IPv6 network of 64 bits counts as one
        /// address, and those of this machine are not counted. Beyond it a connection is closed
        /// at once. 0: any number, as behind a proxy on another machine, whose connections all
        /// come from one address.
        connections_per_address: usize = 0 in 0..=1000000000;
        /// How many connections may wait to be accepted. The system may allow fewer
        /// (net.core.somaxconn on Linux).
        waiting_connections: u32 = 4096 in 16..=65535;
        /// How long a client may take to send the head of a request. It counts from the first
        /// byte of the head; for the first request, from the beginning of the connection.
        head_within: Span = "10s" in "1s"..="12d", was head_seconds: Seconds;
        /// How long a connection may be idle between two requests. Keep it above the idle time
        /// of a proxy before attache (60 to 75 s in most), so that the proxy closes first:
        /// otherwise it sends a request into a connection that is just being closed, and answers
        /// 502.
        keep_alive_for: Span = "90s" in "1s"..="12d", was keep_alive_seconds: Seconds;
        /// The largest body that is read.
        body_size: Size = "4MiB" in "1B"..="1GB", was body_bytes: Bytes;
        /// How large all bodies may be together that are being read or worked on. Bytes count
        /// as they arrive, not as they are announced. Beyond it a request is answered 503 with
        /// Retry-After. At least bodies_size_of_one.
        bodies_size: Size = "256MiB" in "1B"..="1GB", was bodies_bytes: Bytes;
        /// How large those of one tenant's callers may be together. At least body_size.
        bodies_size_of_one: Size = "64MiB" in "1B"..="1GB", was bodies_bytes_of_one: Bytes;
        /// How large a page of a list may be: it ends there, though it has fewer things than
        /// page_size, and `next` continues it. A page holds one thing at least. Also how much of
        /// one entry is shown at once, how much of a list that has no such pages (of the
        /// published APIs, or as application/x-ndjson and text/csv) is written before it is
        /// sent, and from where on several evaluations of AuthZEN are answered without
        /// explanations.
        answer_size: Size = "4MiB" in "1B"..="1GB", was answer_bytes: Bytes;
        /// How much an answer says about what is wrong with a request: of more faults than
        /// that, it says how many there are.
        error_size: Size = "64KiB" in "1B"..="1GB", was error_bytes: Bytes;
        /// How much of a body that was refused is read and discarded before the connection
        /// ends: a client that is still sending would otherwise see a broken connection in
        /// place of its answer.
        discard_size: Size = "64MiB" in "1B"..="1GB", was discard_bytes: Bytes;
        /// For how long a body that was refused is read and discarded.
        discard_within: Span = "30s" in "1s"..="12d", was discard_seconds: Seconds;
        /// How long an answer may take, from the end of the request's head. A body that has not
        /// arrived by then is answered with 408, anything else with 503.
        answer_within: Span = "30s" in "1s"..="12d", was answer_seconds: Seconds;
        /// The most users that one sync may name.
        sync_users: usize = 100000 in 1..=1000000000;
        /// The most things that one page of a list may hold.
        page_size: usize = 1000 in 1..=1000000000;
        /// The most operations that one bulk may hold.
        bulk_operations: usize = 10000 in 1..=1000000000;
        /// The most evaluations that one AuthZEN request may ask for.
        evaluations: usize = 1000 in 1..=1000000000;
        /// How long an invitation is accepted that names no end.
        invitation: Span = "7d" in "1m"..="42000d", was invitation_hours: Hours;
        /// How long to wait for answers that are under way when shutting down.
        finish_within: Span = "20s" in "1s"..="12d", was finish_seconds: Seconds;
    }

    /// Imports over a server (POST /api/v1/import). An archive must arrive within
    /// limits.answer_within.
    [imports "imports"] ImportsSection {
        /// The largest archive that is read.
        size: Size = "64MiB" in "1B"..="4GB", was bytes: Bytes;
        /// How large its files may be together, unpacked. The rows of an import are in memory,
        /// and take about as much again.
        unpacked_size: Size = "512MiB" in "1B"..="100GB", was unpacked_bytes: Bytes;
        /// How many entries an archive may have.
        entries: usize = 1000 in 1..=1000000;
        /// How many imports may be under way at the same time, of all tenants: of each, one. A
        /// further one is answered 503 with Retry-After.
        at_once: usize = 2 in 1..=1000;
        /// How many changes the report of an import shows, and how many faults.
        report_lines: usize = 10000 in 1..=1000000;
        /// For how long an import can be asked for after its end, on the server that it was sent
        /// to.
        kept_for: Span = "1h" in "1s"..="70d", was kept_minutes: Minutes;
        /// How many imports of one tenant can be asked for.
        kept_of_one: usize = 20 in 1..=1000;
    }

    [tenants "tenants"] TenantsSection {
        /// "local": reads are answered from memory, and what another server wrote may be missing
        /// for a moment. "latest": each read first asks the database how far the tenant is.
        reads: Reads = "local";
        /// For how long nothing may be heard from the database before reads are refused (503):
        /// what it holds may have revoked what memory still allows. Longer than poll_every.
        silent_for: Span = "5s" in "1s"..="12d", was silent_seconds: Seconds;
        /// How long to find out whether a write stands whose answer was lost.
        settle_within: Span = "10s" in "1s"..="12d", was settle_seconds: Seconds;
        /// How often to look for what another process wrote.
        poll_every: Span = "250ms" in "1ms"..="1s", was poll_millis: Millis;
        /// How long a tenant stays open that nobody asks for.
        close_after_idle: Span = "15m" in "1s"..="12d", was close_after_idle_seconds: Seconds;
        /// After how many changes to save a snapshot, which makes opening faster.
        snapshot_after_changes: usize = 10000 in 1..=1000000000;
        /// How many commands may wait for one tenant's writer.
        waiting_commands: usize = 4096 in 1..=1000000000;
        /// How often a write is decided again when another process was faster.
        attempts: usize = 64 in 1..=1000000000;
        /// For how long an import may have a tenant's writers wait, where they write to it
        /// meanwhile.
        hold_for: Span = "60s" in "1s"..="12d", was hold_seconds: Seconds;
        /// For how long a single write waits for an import, before it is refused (503) and
        /// nothing was written.
        held_write_for: Span = "10s" in "1s"..="12d", was held_write_seconds: Seconds;
        /// How many expired things one entry writes down at most.
        expire_at_once: usize = 1000 in 1..=1000000000;
        /// How much work that takes long is done at the same time: large bulks and bodies, lists
        /// of thousands, searches. It runs beside the threads that serve everybody, in turns
        /// between tenants, and one tenant has at most half of the turns. 0: one less than there
        /// are processors, and at least one.
        heavy_at_once: usize = 0 in 0..=256;
        /// How much of it may wait for one tenant. Beyond it a request is answered 503 with
        /// Retry-After.
        heavy_waiting: usize = 64 in 1..=1000000000;
        /// How long a write with an Idempotency-Key is remembered.
        remember_requests: Span = "24h" in "1m"..="42000d", was remember_requests_hours: Hours;
    }

    /// Tenants are opened as the server starts, those that were written to last first. Until
    /// that is done, /readyz says 503 and how far it is.
    [opening "opening"] OpeningSection {
        /// For how long. Tenants that are left are opened when somebody asks for them; with 0s,
        /// all are.
        within: Span = "30s" in "0s"..="1h", was seconds: Seconds;
        /// From how much memory of the whole process on no further tenant is opened so. Only
        /// Linux tells how much it is.
        memory: Size = "1GiB" in "1MiB"..="1000TiB", was memory_mib: MiB;
        /// How long a request waits for its tenant to be opened, before it is answered 503 with
        /// Retry-After; never for longer than half of limits.answer_within.
        wait: Span = "3s" in "1s"..="1h", was wait_seconds: Seconds;
    }

    /// When the machine's clock is believed. Where it leaps, time goes on with the monotonic
    /// clock until the leap is confirmed: at once by PostgreSQL's clock where that did not leap
    /// too, or else by the clock's having gone on evenly for clock.confirm. Nothing that has
    /// expired is written down before.
    [clock "clock"] ClockSection {
        /// From which step on it is a leap. Smaller steps are followed, together no more than
        /// this within clock.confirm.
        leap: Span = "5s" in "1s"..="12d", was leap_seconds: Seconds;
        /// For how long the clock has to go on evenly after a leap, and after a start.
        confirm: Span = "60s" in "1s"..="12d", was confirm_seconds: Seconds;
    }

    /// How to speak to a PostgreSQL. Of a file only `migrate` counts, and `answer_within` for
    /// how long somebody may wait for a connection.
    [postgres "postgres"] PostgresSection {
        /// The file that holds the password, read at each connection; or empty: the one in the
        /// URL, in ~/.pgpass or in PGPASSWORD.
        password_file: PathBuf = "";
        /// How many connections to read with. Five more look, append, tell and listen.
        connections: usize = 8 in 1..=1000;
        /// How long a host may take to accept a connection.
        connect_within: Span = "3s" in "1s"..="1h", was connect_seconds: Seconds;
        /// How long an answer may take; 24 times as long for what brings much.
        answer_within: Span = "5s" in "1s"..="1h", was answer_seconds: Seconds;
        /// Whether to hear at once of what other servers write (LISTEN, NOTIFY). Without, it is
        /// found each tenants.poll_every. An engine that has no LISTEN needs false.
        listen: bool = true;
        /// Whether a server brings the tables up to date as it starts. Without,
        /// `attache migrate` does.
        migrate: bool = true;
    }

    /// Tokens (JWT) of the identity providers that a tenant trusts.
    [jwt "jwt"] JwtSection {
        /// The longest token that is read.
        token_size: Size = "8KiB" in "256B"..="64KiB", was token_bytes: Bytes;
        /// How far an identity provider's clock may be off. What has expired is good for as
        /// long.
        leeway: Span = "60s" in "0s"..="5m", was leeway_seconds: Seconds;
        /// How many verified tokens are remembered, so that a signature is verified once.
        remembered_tokens: usize = 100000 in 1..=10000000;
        /// How long an issuer's keys are good where it does not say (Cache-Control). From
        /// keys_last_at_least to keys_last_at_most.
        keys_last: Span = "1h" in "1s"..="7d", was keys_seconds: Seconds;
        /// How long an issuer's keys are good at least where it says.
        keys_last_at_least: Span = "5m" in "1s"..="24h", was keys_least_seconds: Seconds;
        /// How long an issuer's keys are good at most where it says.
        keys_last_at_most: Span = "24h" in "1s"..="7d", was keys_most_seconds: Seconds;
        /// How much time lies at least between two fetches of an issuer's keys: a token that
        /// none of the known keys has signed makes attache look for new ones.
        refetch_after: Span = "30s" in "5s"..="1h", was refetch_seconds: Seconds;
        /// How long keys go on after their time while the issuer is down.
        stale_for: Span = "24h" in "0s"..="30d", was stale_hours: Hours;
        /// How long one fetch of keys may take.
        fetch_within: Span = "5s" in "1s"..="15s", was fetch_seconds: Seconds;
        /// How much one fetch of keys may bring.
        fetch_size: Size = "256KiB" in "1KiB"..="16MiB", was fetch_bytes: Bytes;
        /// Where several tenants trust an issuer and one of them accepts a token: how long it
        /// waits for the keys of the others that could accept it too. A source of keys that
        /// takes longer, or fails, is left alone for a while, and nobody waits for it. Keys
        /// whose time is over wait as long for newer ones.
        others_within: Span = "500ms" in "0s"..="5s", was others_millis: Millis;
        /// Whether keys may be fetched from this machine and from private addresses. A tenant's
        /// admin chooses the address: with this, an admin could find out what listens there.
        private_addresses: bool = false;
    }
}
