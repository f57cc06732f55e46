//! A URL that names several hosts of one PostgreSQL, as libpq reads it:
//! `postgres://user@one:5432,two:5432/db?target_session_attrs=read-write`.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use super::location_error::LocationError;

/// The parameters that count. Another one is a mistake, and said to be.
const PARAMETERS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// A URL for each host.
///
/// # Errors
/// What is wrong, as the end of a sentence. Repeats nothing that may be secret.
pub(super) fn one_url_each(text: &str) -> Result<Vec<String>, LocationError> {
    // Who reads it otherwise would take a part of a password for something else,
    // and show it.
    if text.contains('#') || after_the_authority(text).contains('@') {
        return Err(LocationError::new(
            "holds a character that must be percent-encoded in a user's name or a password: \
             / is %2F, ? is %3F, # is %23, @ is %40",
        ));
    }
    let Parts {
        user,
        hosts,
        path,
        query,
    } = Parts::of(text);
    let query = parameters(query)?;
    let query = match query.is_empty() {
        true => query,
        false => format!("?{query}"),
    };
    let urls = hosts.split(',').enumerate().map(|(position, host)| {
        let url = format!("postgres://{user}{host}{path}{query}");
        match PgConnectOptions::from_str(&url) {
            Ok(_) => Ok(url),
            Err(_) => Err(LocationError::new(format!(
                "is no URL of a database, as far as its host {} goes: \
                 postgres://user@host:5432/database",
                position + 1
            ))),
        }
    });
    urls.collect()
}

/// What comes behind the hosts.
fn after_the_authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest.split_at(end).1
}

/// The host of a URL of one, as it stands there.
pub(super) fn host_of(url: &str) -> &str {
    Parts::of(url).hosts
}

/// The name of the database, as it stands in a URL.
pub(super) fn database_of(url: &str) -> &str {
    Parts::of(url).path.trim_start_matches('/')
}

struct Parts<'a> {
    /// With the `@` behind it, or nothing.
    user: &'a str,
    hosts: &'a str,
    /// With the `/` before it, or nothing.
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        Self {
            user,
            hosts,
            path,
            query,
        }
    }
}

/// The parameters without what this program reads itself.
fn parameters(query: &str) -> Result<String, LocationError> {
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name, value) {
            // attache writes: it goes to the host that can be written to, always.
            ("target_session_attrs", "read-write" | "primary" | "any") => {}
            ("target_session_attrs", _) => {
                return Err(LocationError::new(
                    "has a target_session_attrs that attache cannot write to: read-write is meant",
                ));
            }
            ("host" | "hostaddr" | "port", value) if value.contains(',') => {
                return Err(LocationError::new(format!(
                    "has several values for {name}; several hosts stand before the path: \
                     postgres://user@one:5432,two:5432/database"
                )));
            }
            (name, _) if PARAMETERS.contains(&name) || name.starts_with("options[") => {
                kept.push(parameter);
            }
            (name, _) => {
                return Err(LocationError::new(format!(
                    "has the parameter {name:?}, which means nothing to attache; it knows {} \
                     and target_session_attrs",
                    PARAMETERS.join(", ")
                )));
            }
        }
    }
    Ok(kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_a_url_of_its_own() {
        let urls = one_url_each(
            "postgres://me:a@one:5433,%2Frun%2Ftwo,three/x?sslmode=disable&target_session_attrs=read-write",
        );
        assert_eq!(
            urls.unwrap(),
            [
                "postgres://me:a@one:5433/x?sslmode=disable",
                "postgres://me:a@%2Frun%2Ftwo/x?sslmode=disable",
                "postgres://me:a@three/x?sslmode=disable",
            ]
        );
        assert_eq!(one_url_each("postgres://a/b").unwrap(), ["postgres://a/b"]);
    }

    #[test]
    fn no_part_of_a_password_is_taken_for_something_else() {
        for password in ["Zk3/abc", "12/hidden", "a?b", "a#b", "a?b=c", "12#a"] {
            let url = format!("postgres://me:{password}@db/x");
            let error = one_url_each(&url).unwrap_err().to_string();
            assert!(error.contains("percent-encoded"), "{error}");
        }
        assert!(one_url_each("postgres://me:a%2Fb%40c@db/x").is_ok());
    }

    #[test]
    fn what_would_be_passed_over_is_an_error() {
        for (query, part) in [
            ("target_session_attrs=standby", "read-write"),
            ("connect_timeout=3", "connect_timeout"),
            ("host=a,b", "several"),
            ("sslmode=maybe", "no URL"),
        ] {
            let error = one_url_each(&format!("postgres://a/b?{query}")).unwrap_err();
            let error = error.to_string();
            assert!(error.contains(part), "{query}: {error}");
        }
    }
}
