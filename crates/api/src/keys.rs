//! The source of an issuer's keys in bodies and answers. Pasted keys stay text until
//! their length is checked.

use std::fmt;

use attache_core::model::MAX_KEYS;
use attache_http::json_body;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The most values in pasted keys: more than a set of public keys needs.
const MOST_VALUES: usize = 4_096;

/// The source of an issuer's keys.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "from", deny_unknown_fields)]
#[serde(try_from = "GivenKeys")]
#[schema(as = KeySource)]
pub(super) enum Keys {
    /// OpenID Connect Discovery, below the issuer's own address.
    // With braces, since serde would ignore further fields of a unit variant.
    Discovery {},
    /// A JWK set at an address.
    Url {
        #[schema(example = "https://login.harbour-bakery.example/keys")]
        url: String,
    },
    /// A JWK set of public keys.
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

/// The fields of a key source, side by side. A tagged enum would buffer all of them as
/// values first.
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

/// Why the fields of a key source do not fit together, in serde's words, from which the
/// body's reader takes the field.
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

/// Parses pasted keys into values after checking their number.
fn pasted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    let text = text.get();
    if text.len() > MAX_KEYS {
        return Err(D::Error::custom(format!(
            "must have at most {MAX_KEYS} bytes"
        )));
    }
    // The text was parsed as JSON before, so only the number of values can be wrong.
    let value = json_body::value(text.as_bytes(), MOST_VALUES)
        .map_err(|_| D::Error::custom(format!("must have at most {MOST_VALUES} values")))?;
    Ok(Some(value))
}
