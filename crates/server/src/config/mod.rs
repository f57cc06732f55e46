//! The configuration: defaults, overruled by a file, overruled by environment variables,
//! overruled by flags of the command line.

mod declared;
mod error;
mod in_force;
mod kubernetes;
mod reader;
#[cfg(test)]
mod reference;
mod setting;
mod sources;
mod text;
mod value;

pub use error::ConfigError;
pub(crate) use in_force::in_force;
pub use text::default_file;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use declared::Sections;
use reader::Reader;
use sources::Sources;
use value::Span;

use attache_ambient::ClockSettings;
use attache_http::operator_token::OperatorHash;
use attache_http::{ImportLimits, Limits, ServerLimits};
use attache_tenants::{OpeningBudget, PastSettings, Settings};

/// The configuration. The settings are described where they are declared (`declared.rs`).
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the data.
    pub data: PathBuf,
    /// The URL of the database, or empty for a file in the data folder.
    pub database: String,
    /// The address to listen at.
    pub listen: SocketAddr,
    /// The URL of this installation from outside, or empty if unknown.
    pub public_url: String,
    /// The settings of the process's own log.
    pub logging: Logging,
    sections: Sections,
}

/// The settings of the process's own log.
#[derive(Clone, Debug)]
pub struct Logging {
    /// The level, or a filter of `tracing`.
    pub level: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Text, for people.
    Human,
    /// JSON, for programs.
    Json,
}

impl Config {
    /// Reads the configuration: the defaults, the file if one is named, and the
    /// environment.
    ///
    /// # Errors
    /// All wrong keys, each with the most similar known key if it is unknown.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_with(file, std::env::vars_os())
    }

    /// Returns the defaults.
    ///
    /// # Errors
    /// If a default is invalid. A test prevents that, since they are part of the program.
    pub fn built_in() -> Result<Self, ConfigError> {
        Self::load_with(None, [])
    }

    fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        let sources = Sources::read(file, variables, &mut faults)?;
        Self::of(&sources, faults)
    }

    /// Makes the configuration from its sources. `faults`: those found so far.
    fn of(sources: &Sources, faults: Vec<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { sources, faults };
        let sections = Sections::read(&mut reader);
        let mut faults = reader.faults;
        let Some(sections) = sections else {
            ConfigError::none_of(faults)?;
            return Err(ConfigError::new("a setting is not declared"));
        };
        let (top, logging) = (&sections.top, &sections.logging);
        let config = Self {
            data: top.data.clone(),
            database: top.database.0.clone(),
            listen: top.listen,
            public_url: top.public_url.clone(),
            logging: Logging {
                level: logging.level.clone(),
                format: logging.format,
            },
            sections,
        };
        config.check(&mut faults);
        ConfigError::none_of(faults)?;
        Ok(config)
    }

    /// Checks settings that are valid alone against one another.
    fn check(&self, faults: &mut Vec<String>) {
        let (limits, tenants, jwt) = (
            &self.sections.limits,
            &self.sections.tenants,
            &self.sections.jwt,
        );
        let of_one = limits.bodies_size_of_one;
        for (less, few, more, many) in [
            ("body_size", limits.body_size, "bodies_size_of_one", of_one),
            (
                "bodies_size_of_one",
                of_one,
                "bodies_size",
                limits.bodies_size,
            ),
        ] {
            if few.0 > many.0 {
                faults.push(format!(
                    "limits.{more} must be at least limits.{less}, which is {few}, and is {many}"
                ));
            }
        }
        if tenants.silent_for.0 <= tenants.poll_every.0 {
            faults.push(format!(
                "tenants.silent_for must be longer than tenants.poll_every, which is {}, and is {}",
                tenants.poll_every, tenants.silent_for
            ));
        }
        let (least, most) = (jwt.keys_last_at_least, jwt.keys_last_at_most);
        if jwt.keys_last.0 < least.0 || jwt.keys_last.0 > most.0 {
            faults.push(format!(
                "jwt.keys_last must be from jwt.keys_last_at_least, which is {least}, to \
                 jwt.keys_last_at_most, which is {most}, and is {}",
                jwt.keys_last
            ));
        }
        let others = [self.location().err(), self.operator().err()];
        faults.extend(others.into_iter().flatten().map(|error| error.to_string()));
        if let Err(reason) = check_public_url(&self.public_url) {
            faults.push(format!("public_url {reason}"));
        }
    }

    /// Returns the hash of the operator's token, if one is configured.
    ///
    /// # Errors
    /// If it has another form than `attache operator-token` prints.
    pub fn operator(&self) -> Result<Option<OperatorHash>, ConfigError> {
        let text = self.sections.top.operator_token_sha256.0.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        let hash = OperatorHash::parse(text);
        hash.map(Some)
            .map_err(|reason| ConfigError::new(format!("operator_token_sha256 {reason}")))
    }

    /// Returns the location of the log of entries.
    ///
    /// # Errors
    /// If `database` is not a valid location.
    pub fn location(&self) -> Result<attache_log::Location, ConfigError> {
        if self.database.is_empty() {
            return Ok(attache_log::Location::Sqlite(
                self.data.join(attache_log::FILE),
            ));
        }
        attache_log::Location::parse(&self.database)
            .map_err(|reason| ConfigError::new(format!("database {reason}")))
    }

    /// Returns the settings of connections to a PostgreSQL.
    #[must_use]
    pub fn postgres(&self) -> attache_log::Settings {
        let postgres = &self.sections.postgres;
        let password_file = Some(postgres.password_file.clone());
        attache_log::Settings {
            connections: postgres.connections,
            connect_within: postgres.connect_within.0,
            answer_within: postgres.answer_within.0,
            password_file: password_file.filter(|file| !file.as_os_str().is_empty()),
            listen: postgres.listen,
            migrate: postgres.migrate,
        }
    }

    /// Returns the settings of tokens (JWT) and of issuers' keys.
    #[must_use]
    pub fn jwt(&self) -> attache_jwt::Settings {
        let jwt = &self.sections.jwt;
        attache_jwt::Settings {
            token_bytes: jwt.token_size.bytes(),
            leeway: jwt.leeway.0,
            remembered_tokens: jwt.remembered_tokens,
            keys_last: jwt.keys_last.0,
            keys_last_at_least: jwt.keys_last_at_least.0,
            keys_last_at_most: jwt.keys_last_at_most.0,
            refetch_after: jwt.refetch_after.0,
            stale_for: jwt.stale_for.0,
            fetch_within: jwt.fetch_within.0,
            others_within: jwt.others_within.0,
            fetch_bytes: jwt.fetch_size.bytes(),
            private_addresses: jwt.private_addresses,
        }
    }

    /// Returns the limits of a single request.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let limits = &self.sections.limits;
        Limits {
            body_bytes: limits.body_size.bytes(),
            bodies_bytes: limits.bodies_size.bytes(),
            bodies_bytes_of_one: limits.bodies_size_of_one.bytes(),
            answer_bytes: limits.answer_size.bytes(),
            error_bytes: limits.error_size.bytes(),
            answer_within: limits.answer_within.0,
            sync_users: limits.sync_users,
            invitation: limits.invitation.0,
            page_size: limits.page_size,
            bulk_operations: limits.bulk_operations,
            evaluations: limits.evaluations,
            former_names_in: limits.former_names_in,
            imports: self.imports(),
        }
    }

    /// Returns the limits of imports over a server.
    fn imports(&self) -> ImportLimits {
        let imports = &self.sections.imports;
        ImportLimits {
            bytes: imports.size.bytes(),
            unpacked_bytes: imports.unpacked_size.bytes(),
            entries: imports.entries,
            at_once: imports.at_once,
            report_lines: imports.report_lines,
            kept_for: imports.kept_for.0,
            kept_of_one: imports.kept_of_one,
        }
    }

    /// Returns the limits of connections.
    #[must_use]
    pub fn server_limits(&self) -> ServerLimits {
        let limits = &self.sections.limits;
        ServerLimits {
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            waiting_connections: limits.waiting_connections,
            head_within: limits.head_within.0,
            keep_alive_for: limits.keep_alive_for.0,
            discard_bytes: limits.discard_size.bytes(),
            discard_within: limits.discard_within.0,
            finish_within: limits.finish_within.0,
        }
    }

    /// Returns the limits of opening tenants as the server starts.
    #[must_use]
    pub fn opening(&self) -> OpeningBudget {
        let opening = &self.sections.opening;
        OpeningBudget {
            within: opening.within.0,
            memory: opening.memory.0,
        }
    }

    /// Returns the most connections for reads from a PostgreSQL.
    #[must_use]
    pub fn database_connections(&self) -> usize {
        self.sections.postgres.connections
    }

    /// Returns the settings of the machine's clock.
    #[must_use]
    pub fn clock(&self) -> ClockSettings {
        let clock = &self.sections.clock;
        ClockSettings {
            leap: clock.leap.0,
            confirm: clock.confirm.0,
        }
    }

    /// Returns the settings of open tenants.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let tenants = &self.sections.tenants;
        let Span(wait) = self.sections.opening.wait;
        let half = self.sections.limits.answer_within.0 / 2;
        let history = &self.sections.history;
        Settings {
            reads: tenants.reads,
            silent_for: tenants.silent_for.0,
            settle_within: tenants.settle_within.0,
            poll_every: tenants.poll_every.0,
            // The answer must fit into the request's time after opening.
            open_within: wait.min(half),
            close_after_idle: tenants.close_after_idle.0,
            snapshot_after_changes: tenants.snapshot_after_changes,
            waiting_commands: tenants.waiting_commands,
            attempts: tenants.attempts,
            save_when_closing: true,
            hold_for: tenants.hold_for.0,
            held_write_for: tenants.held_write_for.0,
            expire_at_once: tenants.expire_at_once,
            heavy_at_once: tenants.heavy_at_once,
            heavy_waiting: tenants.heavy_waiting,
            remember_requests: tenants.remember_requests.0,
            past: PastSettings {
                memory: history.memory.0,
                wait: history.wait.0.min(half),
                at_once: history.at_once,
                waiting: history.waiting,
            },
        }
    }
}

/// Checks that a text can be put before paths: a URL without query and fragment, or
/// nothing.
fn check_public_url(url: &str) -> Result<(), &'static str> {
    const SHAPE: &str =
        "must be like https://access.acme.example: no query, no fragment, no slash at the end";
    if url.is_empty() {
        return Ok(());
    }
    let rest = url.strip_prefix("https://");
    let rest = rest.or_else(|| url.strip_prefix("http://")).ok_or(SHAPE)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, "t"));
    let is_host = host.parse::<http::uri::Authority>().is_ok() && !host.contains('@');
    // The path becomes a route, so no character in it may have a meaning there.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let is_path = !path.is_empty() && !path.ends_with('/') && path.bytes().all(is_plain);
    if is_host && is_path {
        Ok(())
    } else {
        Err(SHAPE)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        load_beside(text, &[])
    }

    fn load_beside(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_owned();
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| ((*name).into(), (*value).into()));
        Config::load_with(Some(&path), variables).map_err(|error| {
            error
                .to_string()
                .replace(&path.display().to_string(), "FILE")
        })
    }

    #[test]
    fn the_commented_file_says_what_holds_by_default() {
        let config = Config::load_with(None, []).unwrap();
        let (settings, default) = (config.settings(), Settings::default());
        assert_eq!(format!("{settings:?}"), format!("{default:?}"));
        assert_eq!(
            format!("{:?}", config.limits()),
            format!("{:?}", Limits::default())
        );
        assert_eq!(
            format!("{:?}", config.server_limits()),
            format!("{:?}", ServerLimits::default())
        );
        assert_eq!(
            format!("{:?}", config.postgres()),
            format!("{:?}", attache_log::Settings::default())
        );
        assert_eq!(config.clock(), ClockSettings::default());
        assert_eq!(
            format!("{:?}", config.jwt()),
            format!("{:?}", attache_jwt::Settings::default())
        );
    }

    #[test]
    fn a_file_overrules_the_defaults_and_a_variable_the_file() {
        let config = load("[limits]\nbody_size = \"7KiB\"").unwrap();
        assert_eq!(config.limits().body_bytes, 7_168);
        assert_eq!(config.limits().sync_users, 100_000);
        let config = load_beside(
            "[limits]\nbody_size = \"7KiB\"\n[tenants]\nattempts = 3",
            &[
                ("ATTACHE_LIMITS__BODY_SIZE", "8KiB"),
                ("ATTACHE_TENANTS__ATTEMPTS", "4"),
                // A text is a text, whatever it looks like.
                ("ATTACHE_DATA", "2026"),
            ],
        )
        .unwrap();
        assert_eq!(config.limits().body_bytes, 8_192);
        assert_eq!(config.settings().attempts, 4);
        assert_eq!(config.data, Path::new("2026"));
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        for (text, error) in [
            (
                "[limits]\nbody_siz = 7",
                "FILE:2: unknown key limits.body_siz; the nearest known one is limits.body_size",
            ),
            (
                "lissten = \"127.0.0.1:1\"",
                "FILE:1: unknown key lissten; the nearest known one is listen",
            ),
            (
                "\n[limit]\nbody_size = \"7B\"",
                "FILE:3: unknown key limit.body_size; the nearest known one is limits.body_size",
            ),
            (
                "[limit]",
                "FILE:1: unknown section [limit]; the nearest known one is [limits]",
            ),
            ("limits = 3", "FILE:1: limits is a section: write [limits]"),
        ] {
            assert_eq!(load(text).unwrap_err(), error);
        }
        let error = load("limits = [").unwrap_err();
        assert!(error.starts_with("FILE: "), "{error}");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_place() {
        for (text, error) in [
            (
                "[tenants]\nattempts = \"many\"",
                "FILE:2: tenants.attempts must be a whole number, and is many",
            ),
            (
                "[tenants]\nattempts = -1",
                "FILE:2: tenants.attempts must be a whole number, and is -1",
            ),
            (
                "[tenants]\nattempts = 0x0",
                "FILE:2: tenants.attempts must be from 1 to 1000000000, and is 0",
            ),
            (
                "[tenants]\nreads = \"often\"",
                "FILE:2: tenants.reads must be local or latest, and is \"often\"",
            ),
            (
                "[limits]\nhead_within = 10",
                "FILE:2: limits.head_within must be a time such as 250ms, 10s, 15m, 24h or 7d, and is 10; head_seconds = 10 is head_within = \"10s\" now",
            ),
            (
                "[limits]\nhead_within = \"10\"",
                "FILE:2: limits.head_within must be a time such as 250ms, 10s, 15m, 24h or 7d, and is \"10\"; head_seconds = 10 is head_within = \"10s\" now",
            ),
            (
                "[limits]\nbody_size = 10",
                "FILE:2: limits.body_size must be a size such as 64KiB, 4MiB or 1GiB, and is 10; body_bytes = 10 is body_size = \"10B\" now",
            ),
            (
                "[limits]\nbody_size = []",
                "FILE:2: limits.body_size must be a size such as 64KiB, 4MiB or 1GiB, and is a list",
            ),
            (
                "[postgres]\nlisten = \"true\"",
                "FILE:2: postgres.listen must be true or false, and is true",
            ),
            (
                "database = 7",
                "FILE:1: database must be a URL such as postgres://user@db.acme.example/attache, and is (set)",
            ),
        ] {
            assert_eq!(load(text).unwrap_err(), error);
        }
        let error = load_beside("", &[("ATTACHE_LIMITS__HEAD_WITHIN", "10")]).unwrap_err();
        assert_eq!(
            error,
            "environment variable ATTACHE_LIMITS__HEAD_WITHIN: limits.head_within must be a time \
             such as 250ms, 10s, 15m, 24h or 7d, and is \"10\"; head_seconds = 10 is head_within = \"10s\" now"
        );
    }

    #[test]
    fn a_value_out_of_bounds_is_named_with_them() {
        for (section, line, range) in [
            ("limits", "head_within = \"999ms\"", "from 1s to 12d"),
            ("limits", "body_size = \"2GB\"", "from 1B to 1GB"),
            ("opening", "within = \"61m\"", "from 0s to 1h"),
            ("opening", "memory = \"0B\"", "from 1MiB to 1000TiB"),
            ("opening", "wait = \"0s\"", "from 1s to 1h"),
            ("history", "wait = \"0s\"", "from 1s to 1h"),
            ("history", "at_once = 0", "from 1 to 256"),
            ("jwt", "leeway = \"301s\"", "from 0s to 5m"),
            ("jwt", "token_size = \"0B\"", "from 256B to 64KiB"),
            ("jwt", "refetch_after = \"0s\"", "from 5s to 1h"),
        ] {
            let error = load(&format!("[{section}]\n{line}")).unwrap_err();
            let key = line.split(' ').next().unwrap();
            let start = format!("FILE:2: {section}.{key} must be {range}, and is ");
            assert!(error.starts_with(&start), "{line}: {error}");
        }
    }

    #[test]
    fn settings_fit_one_another() {
        for (text, error) in [
            (
                "[jwt]\nkeys_last = \"299s\"",
                "jwt.keys_last must be from jwt.keys_last_at_least, which is 5m, to \
                 jwt.keys_last_at_most, which is 24h, and is 299s",
            ),
            (
                "[limits]\nbody_size = \"65MiB\"",
                "limits.bodies_size_of_one must be at least limits.body_size, which is 65MiB, and is 64MiB",
            ),
            (
                "[tenants]\nsilent_for = \"1s\"\npoll_every = \"1s\"",
                "tenants.silent_for must be longer than tenants.poll_every, which is 1s, and is 1s",
            ),
        ] {
            assert_eq!(load(text).unwrap_err(), error);
        }
    }

    #[test]
    fn every_former_key_is_refused_with_its_new_spelling() {
        let error = load(
            "[limits]\nhead_seconds = 10\nbody_bytes = 4194304\ninvitation_hours = 168\n\
             error_bytes = 70000\nfinish_seconds = 0\n\
             [opening]\nseconds = 90\nmemory_mib = 1024\n\
             [imports]\nbytes = 1\nkept_minutes = 60\n\
             [tenants]\npoll_millis = 250\nclose_after_idle_seconds = \"soon\"\n\
             [postgres]\nlissten = true",
        )
        .unwrap_err();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(
            lines,
            [
                "12 things are wrong with the configuration:",
                "  FILE:2: limits.head_seconds is called limits.head_within now, and is written with its unit: head_within = \"10s\"",
                "  FILE:3: limits.body_bytes is called limits.body_size now, and is written with its unit: body_size = \"4MiB\"",
                "  FILE:4: limits.invitation_hours is called limits.invitation now, and is written with its unit: invitation = \"7d\"",
                "  FILE:5: limits.error_bytes is called limits.error_size now, and is written with its unit: error_size = \"70000B\"",
                "  FILE:6: limits.finish_seconds is called limits.finish_within now, and is written with its unit, from 1s to 12d, such as finish_within = \"20s\"",
                "  FILE:8: opening.seconds is called opening.within now, and is written with its unit: within = \"90s\"",
                "  FILE:9: opening.memory_mib is called opening.memory now, and is written with its unit: memory = \"1GiB\"",
                "  FILE:11: imports.bytes is called imports.size now, and is written with its unit: size = \"1B\"",
                "  FILE:12: imports.kept_minutes is called imports.kept_for now, and is written with its unit: kept_for = \"1h\"",
                "  FILE:14: tenants.poll_millis is called tenants.poll_every now, and is written with its unit: poll_every = \"250ms\"",
                "  FILE:15: tenants.close_after_idle_seconds is called tenants.close_after_idle now, and is written with its unit, from 1s to 12d, such as close_after_idle = \"15m\"",
                "  FILE:17: unknown key postgres.lissten; the nearest known one is postgres.listen",
            ]
        );
    }

    #[test]
    fn every_former_variable_is_refused_with_its_new_spelling() {
        let error = load_beside(
            "[jwt]\nkeys_seconds = 299",
            &[
                ("ATTACHE_OPENING__MEMORY_MIB", "512"),
                ("ATTACHE_LIMITS__HEAD_SECONDS", "10"),
                ("ATTACHE_LIMITS__BODY_SIZE", "8MiB"),
                ("ATTACHE_LIMITS__BODY_BYTES", "1"),
            ],
        )
        .unwrap_err();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(
            lines,
            [
                "5 things are wrong with the configuration:",
                "  FILE:2: jwt.keys_seconds is called jwt.keys_last now, and is written with its unit: keys_last = \"299s\"",
                "  environment variable ATTACHE_LIMITS__BODY_BYTES is called ATTACHE_LIMITS__BODY_SIZE now, which is given too: remove ATTACHE_LIMITS__BODY_BYTES",
                "  environment variable ATTACHE_LIMITS__HEAD_SECONDS is called ATTACHE_LIMITS__HEAD_WITHIN now, and is written with its unit: ATTACHE_LIMITS__HEAD_WITHIN=10s",
                "  environment variable ATTACHE_OPENING__MEMORY_MIB is called ATTACHE_OPENING__MEMORY now, and is written with its unit: ATTACHE_OPENING__MEMORY=512MiB",
                "  jwt.keys_last must be from jwt.keys_last_at_least, which is 5m, to jwt.keys_last_at_most, which is 24h, and is 299s",
            ]
        );
    }

    #[test]
    fn the_commented_file_is_a_configuration_that_changes_nothing() {
        let (written, built_in) = (load(&default_file()).unwrap(), Config::built_in().unwrap());
        assert_eq!(format!("{written:?}"), format!("{built_in:?}"));
    }

    #[test]
    fn a_request_is_answered_before_its_tenant_is_open_where_that_takes_long() {
        for (text, millis) in [
            ("", 3_000),
            ("[opening]\nwait = \"60s\"", 15_000),
            ("[limits]\nanswer_within = \"1s\"", 500),
        ] {
            let within = load(text).unwrap().settings().open_within;
            assert_eq!(within, Duration::from_millis(millis), "{text}");
        }
    }

    #[test]
    fn a_request_is_answered_before_a_past_state_is_made_where_that_takes_long() {
        for (text, millis) in [
            ("", 10_000),
            ("[history]\nwait = \"60s\"", 15_000),
            ("[limits]\nanswer_within = \"1s\"", 500),
        ] {
            let past = load(text).unwrap().settings().past;
            assert_eq!(past.wait, Duration::from_millis(millis), "{text}");
        }
    }

    #[test]
    fn a_public_url_is_one_that_paths_can_follow() {
        for url in [
            "",
            "https://a.example",
            "http://localhost:8080",
            "https://a.example/t1",
        ] {
            assert!(load(&format!("public_url = {url:?}")).is_ok(), "{url}");
        }
        for url in [
            "a.example",
            "https://",
            "https:///x",
            "https://a.example/",
            "https://a.example?x",
            "https://a.example#x",
            "https://me@a.example",
            "https://a.example/:t1",
            "https://a.example/{t1}",
            "ftp://a.example",
            "https://a b",
        ] {
            let error = load(&format!("public_url = {url:?}")).unwrap_err();
            assert!(error.starts_with("public_url must be"), "{url}: {error}");
        }
    }

    #[test]
    fn a_database_is_named_and_its_password_is_not_repeated() {
        let config = load("database = \"postgres://me:hidden@a.example,b.example/x\"").unwrap();
        let location = config.location().unwrap().to_string();
        assert_eq!(location, "postgres://a.example,b.example/x");
        let config = load("data = \"folder\"").unwrap();
        let location = config.location().unwrap().to_string();
        assert_eq!(location, "sqlite:folder/attache.db");
        for text in ["mysql://me:hidden@a/x", "postgres://me:hidden@a/x?a=b", "x"] {
            let error = load(&format!("database = {text:?}")).unwrap_err();
            assert!(error.starts_with("database "), "{error}");
            assert!(!error.contains("hidden"), "{error}");
        }
        let error = load("[postgres]\nconnections = 0").unwrap_err();
        assert!(
            error.starts_with("FILE:2: postgres.connections must be"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_variable_is_named_and_others_are_left_alone() {
        let load = |name: &str| Config::load_with(None, [(name.into(), "1".into())]).map(|_| ());
        assert!(load("ATTACHE_URL").is_ok());
        assert!(load("PATH").is_ok());
        // Kubernetes gives it to pods beside a Service of that name.
        assert!(load("ATTACHE_PORT").is_ok());
        assert_eq!(
            load("ATTACHE_LISTN").unwrap_err().to_string(),
            "unknown environment variable ATTACHE_LISTN; the nearest known one is ATTACHE_LISTEN"
        );
    }

    #[test]
    fn a_file_that_is_missing_is_an_error() {
        let missing = Path::new("no/such/attache.toml");
        assert!(Config::load_with(Some(missing), []).is_err());
    }
}
