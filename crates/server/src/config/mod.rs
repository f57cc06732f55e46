//! The configuration: the commented file, environment variables over it, flags
//! over them.

mod database;
mod imports;
mod in_force;
mod key_names;
mod kubernetes;
mod opening;
mod token;

pub(crate) use in_force::in_force;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Serialized};
use serde::Deserialize;

use database::RawPostgres;
use imports::RawImports;
use key_names::{check, check_variables, explain, keys, within};
use opening::RawOpening;
use token::RawJwt;

use attache_ambient::ClockSettings;
use attache_http::operator_token::OperatorHash;
use attache_http::{Limits, ServerLimits};
use attache_tenants::{Reads, Settings};

/// What holds where nothing else is said, with a comment for every key.
pub const DEFAULT: &str = include_str!("../attache.toml");
/// What environment variables begin with.
const PREFIX: &str = "ATTACHE_";
/// Variables that begin so and are no keys of the configuration.
const OTHER_VARIABLES: [&str; 3] = ["ATTACHE_CONFIG", "ATTACHE_URL", "ATTACHE_TOKEN"];

/// The configuration. Each field is described in `attache.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "described in attache.toml")]
pub struct Config {
    pub data: PathBuf,
    pub database: String,
    pub listen: SocketAddr,
    operator_token_sha256: String,
    pub public_url: String,
    pub logging: Logging,
    limits: RawLimits,
    imports: RawImports,
    tenants: RawTenants,
    opening: RawOpening,
    clock: RawClock,
    postgres: RawPostgres,
    jwt: RawJwt,
}

/// How to write the log of the process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "described in attache.toml")]
pub struct Logging {
    pub level: String,
    pub format: LogFormat,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Human,
    /// For programs.
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    connections: usize,
    connections_per_address: usize,
    waiting_connections: u32,
    head_seconds: u64,
    keep_alive_seconds: u64,
    discard_bytes: usize,
    discard_seconds: u64,
    body_bytes: usize,
    bodies_bytes: usize,
    bodies_bytes_of_one: usize,
    answer_bytes: usize,
    error_bytes: usize,
    answer_seconds: u64,
    sync_users: usize,
    invitation_hours: u64,
    page_size: usize,
    bulk_operations: usize,
    evaluations: usize,
    finish_seconds: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTenants {
    reads: Reads,
    silent_seconds: u64,
    settle_seconds: u64,
    poll_millis: u64,
    close_after_idle_seconds: u64,
    snapshot_after_changes: usize,
    waiting_commands: usize,
    attempts: usize,
    hold_seconds: u64,
    held_write_seconds: u64,
    expire_at_once: usize,
    heavy_at_once: usize,
    heavy_waiting: usize,
    remember_requests_hours: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClock {
    leap_seconds: u64,
    confirm_seconds: u64,
}

/// The keys and values of a TOML text. figment reads TOML with a version of the
/// parser that nothing else here builds.
fn source(text: &str) -> Result<Figment, ConfigError> {
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| ConfigError(error.to_string()))?;
    Ok(Figment::from(Serialized::defaults(table)))
}

/// The defaults, the file over them, the environment over both.
fn merged(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = String>,
) -> Result<Figment, ConfigError> {
    let mut figment = source(DEFAULT)?;
    let known = keys(&figment);
    if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ConfigError(format!("{}: {error}", file.display())))?;
        let given = source(&text).map_err(|error| within(file, &error))?;
        check(&given, &known).map_err(|error| within(file, &error))?;
        figment = figment.merge(given);
    }
    check_variables(variables, &known)?;
    let names: Vec<String> = known.iter().map(|key| key.replace('.', "__")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(figment.merge(Env::prefixed(PREFIX).only(&names).split("__")))
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Read the configuration: the defaults, the file if one is named, the
    /// environment.
    ///
    /// # Errors
    /// Names the key that is wrong, and the nearest one where it is unknown.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Self::load_with(file, variables)
    }

    /// What holds where nothing else is said.
    ///
    /// # Errors
    /// Never in a build whose tests passed: the text is part of the program.
    pub fn built_in() -> Result<Self, ConfigError> {
        source(DEFAULT)?.extract().map_err(|error| explain(&error))
    }

    fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = String>,
    ) -> Result<Self, ConfigError> {
        let config: Self = merged(file, variables)?
            .extract()
            .map_err(|error| explain(&error))?;
        if config.tenants.poll_millis == 0 || config.tenants.poll_millis > 1_000 {
            return Err(ConfigError(
                "tenants.poll_millis must be from 1 to 1000".to_owned(),
            ));
        }
        for (key, value) in [
            ("limits.head_seconds", config.limits.head_seconds),
            (
                "limits.keep_alive_seconds",
                config.limits.keep_alive_seconds,
            ),
            ("limits.discard_seconds", config.limits.discard_seconds),
            ("limits.answer_seconds", config.limits.answer_seconds),
            ("limits.finish_seconds", config.limits.finish_seconds),
            ("limits.invitation_hours", config.limits.invitation_hours),
            (
                "tenants.close_after_idle_seconds",
                config.tenants.close_after_idle_seconds,
            ),
            ("tenants.silent_seconds", config.tenants.silent_seconds),
            ("tenants.settle_seconds", config.tenants.settle_seconds),
            ("tenants.hold_seconds", config.tenants.hold_seconds),
            (
                "tenants.held_write_seconds",
                config.tenants.held_write_seconds,
            ),
            ("clock.leap_seconds", config.clock.leap_seconds),
            ("clock.confirm_seconds", config.clock.confirm_seconds),
            (
                "tenants.remember_requests_hours",
                config.tenants.remember_requests_hours,
            ),
        ] {
            if value == 0 || value > 1_000_000 {
                return Err(ConfigError(format!("{key} must be from 1 to 1000000")));
            }
        }
        for (key, value) in [
            ("limits.connections", config.limits.connections),
            ("limits.body_bytes", config.limits.body_bytes),
            ("limits.bodies_bytes", config.limits.bodies_bytes),
            (
                "limits.bodies_bytes_of_one",
                config.limits.bodies_bytes_of_one,
            ),
            ("limits.answer_bytes", config.limits.answer_bytes),
            ("limits.error_bytes", config.limits.error_bytes),
            ("limits.discard_bytes", config.limits.discard_bytes),
            ("tenants.heavy_waiting", config.tenants.heavy_waiting),
            ("limits.sync_users", config.limits.sync_users),
            ("limits.page_size", config.limits.page_size),
            ("limits.bulk_operations", config.limits.bulk_operations),
            ("limits.evaluations", config.limits.evaluations),
            ("tenants.waiting_commands", config.tenants.waiting_commands),
            ("tenants.attempts", config.tenants.attempts),
            ("tenants.expire_at_once", config.tenants.expire_at_once),
            (
                "tenants.snapshot_after_changes",
                config.tenants.snapshot_after_changes,
            ),
        ] {
            if value == 0 || value > 1_000_000_000 {
                return Err(ConfigError(format!("{key} must be from 1 to 1000000000")));
            }
        }
        if !(16..=65_535).contains(&config.limits.waiting_connections) {
            return Err(ConfigError(
                "limits.waiting_connections must be from 16 to 65535".to_owned(),
            ));
        }
        if config.limits.connections_per_address > 1_000_000_000 {
            return Err(ConfigError(
                "limits.connections_per_address must be from 0 to 1000000000".to_owned(),
            ));
        }
        if config.tenants.heavy_at_once > 256 {
            return Err(ConfigError(
                "tenants.heavy_at_once must be from 0 to 256".to_owned(),
            ));
        }
        let limits = &config.limits;
        for (less, few, more, many) in [
            (
                "body_bytes",
                limits.body_bytes,
                "bodies_bytes_of_one",
                limits.bodies_bytes_of_one,
            ),
            (
                "bodies_bytes_of_one",
                limits.bodies_bytes_of_one,
                "bodies_bytes",
                limits.bodies_bytes,
            ),
        ] {
            if few > many {
                return Err(ConfigError(format!(
                    "limits.{more} must be at least limits.{less}, which is {few}"
                )));
            }
        }
        if config.tenants.silent_seconds * 1_000 <= config.tenants.poll_millis {
            return Err(ConfigError(
                "tenants.silent_seconds must be longer than tenants.poll_millis".to_owned(),
            ));
        }
        config.imports.check()?;
        config.opening.check()?;
        config.postgres.check()?;
        config.location()?;
        config.jwt.check()?;
        config.operator()?;
        check_public_url(&config.public_url)
            .map_err(|reason| ConfigError(format!("public_url {reason}")))?;
        Ok(config)
    }

    /// What is kept of the operator's token, if there is one.
    ///
    /// # Errors
    /// If it is not what `attache operator-token` prints.
    pub fn operator(&self) -> Result<Option<OperatorHash>, ConfigError> {
        let text = self.operator_token_sha256.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        let hash = OperatorHash::parse(text);
        hash.map(Some)
            .map_err(|reason| ConfigError(format!("operator_token_sha256 {reason}")))
    }

    /// Where the log is.
    ///
    /// # Errors
    /// If `database` names no place.
    pub fn location(&self) -> Result<attache_log::Location, ConfigError> {
        if self.database.is_empty() {
            return Ok(attache_log::Location::Sqlite(
                self.data.join(attache_log::FILE),
            ));
        }
        attache_log::Location::parse(&self.database)
            .map_err(|reason| ConfigError(format!("database {reason}")))
    }

    /// How to speak to a PostgreSQL.
    #[must_use]
    pub fn postgres(&self) -> attache_log::Settings {
        self.postgres.settings()
    }

    /// How tokens are read and keys are kept.
    #[must_use]
    pub fn jwt(&self) -> attache_jwt::Settings {
        self.jwt.settings()
    }

    /// What a single request may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            body_bytes: self.limits.body_bytes,
            bodies_bytes: self.limits.bodies_bytes,
            bodies_bytes_of_one: self.limits.bodies_bytes_of_one,
            answer_bytes: self.limits.answer_bytes,
            error_bytes: self.limits.error_bytes,
            answer_within: Duration::from_secs(self.limits.answer_seconds),
            sync_users: self.limits.sync_users,
            invitation: Duration::from_secs(self.limits.invitation_hours * 3_600),
            page_size: self.limits.page_size,
            bulk_operations: self.limits.bulk_operations,
            evaluations: self.limits.evaluations,
            imports: self.imports.limits(),
        }
    }

    /// What connections may take.
    #[must_use]
    pub fn server_limits(&self) -> ServerLimits {
        ServerLimits {
            connections: self.limits.connections,
            connections_per_address: self.limits.connections_per_address,
            waiting_connections: self.limits.waiting_connections,
            head_within: Duration::from_secs(self.limits.head_seconds),
            keep_alive_for: Duration::from_secs(self.limits.keep_alive_seconds),
            discard_bytes: self.limits.discard_bytes,
            discard_within: Duration::from_secs(self.limits.discard_seconds),
            finish_within: Duration::from_secs(self.limits.finish_seconds),
        }
    }

    /// What opening tenants as the server starts may take.
    #[must_use]
    pub fn opening(&self) -> attache_tenants::OpeningBudget {
        self.opening.budget()
    }

    /// How many connections a PostgreSQL database may take.
    #[must_use]
    pub fn database_connections(&self) -> usize {
        self.postgres.settings().connections
    }

    /// When the machine's clock is believed.
    #[must_use]
    pub fn clock(&self) -> ClockSettings {
        ClockSettings {
            leap: Duration::from_secs(self.clock.leap_seconds),
            confirm: Duration::from_secs(self.clock.confirm_seconds),
        }
    }

    /// How open tenants behave.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            reads: self.tenants.reads,
            silent_for: Duration::from_secs(self.tenants.silent_seconds),
            settle_within: Duration::from_secs(self.tenants.settle_seconds),
            poll_every: Duration::from_millis(self.tenants.poll_millis),
            open_within: self.opening.wait(self.limits().answer_within),
            close_after_idle: Duration::from_secs(self.tenants.close_after_idle_seconds),
            snapshot_after_changes: self.tenants.snapshot_after_changes,
            waiting_commands: self.tenants.waiting_commands,
            attempts: self.tenants.attempts,
            save_when_closing: true,
            hold_for: Duration::from_secs(self.tenants.hold_seconds),
            held_write_for: Duration::from_secs(self.tenants.held_write_seconds),
            expire_at_once: self.tenants.expire_at_once,
            heavy_at_once: self.tenants.heavy_at_once,
            heavy_waiting: self.tenants.heavy_waiting,
            remember_requests: Duration::from_secs(self.tenants.remember_requests_hours * 3_600),
        }
    }
}

/// Whether a text can be put before paths: a URL without query and fragment, or
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
    // The path becomes one that is served: nothing in it may mean more than itself.
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

    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_owned();
        Config::load_with(Some(&path), []).map_err(|error| {
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
    fn a_file_overrules_the_defaults() {
        let config = load("[limits]\nbody_bytes = 7").unwrap();
        assert_eq!(config.limits().body_bytes, 7);
        assert_eq!(config.limits().sync_users, 100_000);
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        assert_eq!(
            load("[limits]\nbody_byte = 7").unwrap_err(),
            "FILE: unknown key limits.body_byte; the nearest known one is limits.body_bytes"
        );
        assert_eq!(
            load("lissten = \"127.0.0.1:1\"").unwrap_err(),
            "FILE: unknown key lissten; the nearest known one is listen"
        );
    }

    #[test]
    fn a_wrong_value_is_named() {
        let error = load("[tenants]\nattempts = \"many\"").unwrap_err();
        assert!(error.starts_with("tenants.attempts must be"), "{error}");
        let error = load("[tenants]\nattempts = 0").unwrap_err();
        assert!(
            error.starts_with("tenants.attempts must be from 1"),
            "{error}"
        );
        for (line, range) in [
            ("seconds = 3601", "from 0 to 3600"),
            ("memory_mib = 0", "from 1 to 1000000000"),
            ("wait_seconds = 0", "from 1 to 3600"),
        ] {
            let error = load(&format!("[opening]\n{line}")).unwrap_err();
            assert!(error.starts_with("opening."), "{line}: {error}");
            assert!(error.ends_with(range), "{line}: {error}");
        }
        for (line, range) in [
            ("leeway_seconds = 301", "from 0 to 300"),
            ("token_bytes = 0", "from 256 to 65536"),
            ("refetch_seconds = 0", "from 5 to 3600"),
            ("keys_seconds = 299", "from 300 to 86400"),
            ("keys_least_seconds = 7200", "from 7200 to 86400"),
        ] {
            let error = load(&format!("[jwt]\n{line}")).unwrap_err();
            assert!(error.ends_with(range), "{line}: {error}");
        }
    }

    #[test]
    fn a_request_is_answered_before_its_tenant_is_open_where_that_takes_long() {
        for (text, millis) in [
            ("", 3_000),
            ("[opening]\nwait_seconds = 60", 15_000),
            ("[limits]\nanswer_seconds = 1", 500),
        ] {
            let within = load(text).unwrap().settings().open_within;
            assert_eq!(within, Duration::from_millis(millis), "{text}");
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
        assert!(error.starts_with("postgres.connections must be"), "{error}");
    }

    #[test]
    fn an_unknown_variable_is_named_and_others_are_left_alone() {
        let load = |name: &str| Config::load_with(None, [name.to_owned()]).map(|_| ());
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
