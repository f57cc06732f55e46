//! The source of an issuer's keys, as bodies and answers show it. Pasted keys stay text until
//! their length is known.

use std::fmt;

use attache_core::model::MAX_KEYS;
use attache_http::json_body;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// How many values pasted keys can have: more than a set of public keys needs.
const MOST_VALUES: usize = 4_096;

/// Where an issuer's keys are found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "from", deny_unknown_fields)]
#[serde(try_from = "GivenKeys")]
#[schema(as = KeySource)]
pub(super) enum Keys {
    /// By OpenID Connect Discovery, below the issuer's own address.
    // With braces, since what stands beside it would be passed over without.
    Discovery {},
    /// At an address, as a JWK set.
    Url {
        #[schema(example = "https://login.harbour-bakery.example/keys")]
        url: String,
    },
    /// They are these: a JWK set of public keys.
    Jwks {
        #[schema(value_type = Object, example = json!({"keys": []}))]
        jwks: Value,
    },
}

impl Default for Keys {
    fn default() -> Self {
        Self::Discovery {}
    }
}

/// A key source with its fields side by side. An enum with a tag would buffer all of them
/// as values before one is looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenKeys {
    from: From,
    #[serde(default, deserialize_with = "super::body::given")]
    url: Option<String>,
    #[serde(default, deserialize_with = "pasted")]
    jwks: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum From {
    Discovery,
    Url,
    Jwks,
}

/// Why the fields of a key source do not fit together, in serde's words: the body's reader
/// names the field by them.
#[derive(Debug, PartialEq, Eq)]
enum Unfit {
    Missing(&'static str),
    Unknown(&'static str, &'static [&'static str]),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(field) => write!(f, "missing field `{field}`"),
            Self::Unknown(field, known) => {
                write!(f, "unknown field `{field}`, expected one of ")?;
                let known: Vec<String> = known.iter().map(|it| format!("`{it}`")).collect();
                f.write_str(&known.join(", "))
            }
        }
    }
}

impl TryFrom<GivenKeys> for Keys {
    type Error = Unfit;

    fn try_from(given: GivenKeys) -> Result<Self, Unfit> {
        let (known, is_url, is_jwks): (&'static [&'static str], _, _) = match given.from {
            From::Discovery => (&["from"], false, false),
            From::Url => (&["from", "url"], true, false),
            From::Jwks => (&["from", "jwks"], false, true),
        };
        if given.url.is_some() && !is_url {
            return Err(Unfit::Unknown("url", known));
        }
        if given.jwks.is_some() && !is_jwks {
            return Err(Unfit::Unknown("jwks", known));
        }
        Ok(match given.from {
            From::Discovery => Self::Discovery {},
            From::Url => Self::Url {
                url: given.url.ok_or(Unfit::Missing("url"))?,
            },
            From::Jwks => Self::Jwks {
                jwks: given.jwks.ok_or(Unfit::Missing("jwks"))?,
            },
        })
    }
}

/// Pasted keys, as values once they are known to be few.
fn pasted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    let text = text.get();
    if text.len() > MAX_KEYS {
        return Err(D::Error::custom(format!(
            "must have at most {MAX_KEYS} bytes"
        )));
    }
    // It was JSON already: there can only be too many values.
    let value = json_body::value(text.as_bytes(), MOST_VALUES)
        .map_err(|_| D::Error::custom(format!("must have at most {MOST_VALUES} values")))?;
    Ok(Some(value))
}
