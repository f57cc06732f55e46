//! `attache issuer`

use std::path::PathBuf;
use std::process::ExitCode;

use attache_core::id::IssuerId;
use clap::{Args, Subcommand, ValueEnum};
use http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::api::{Api, plain};
use super::listing::{Column, Output};
use super::output::{note, say};
use super::things::{InTenant, Verb};

pub(super) type Issuer = InTenant<IssuerVerb>;

#[derive(Debug, Subcommand)]
pub(super) enum IssuerVerb {
    Add(Add),
    List(List),
    Show(Show),
    Keys(Keys),
    Remove(Remove),
}

/// Accept the tokens of an issuer, and show which of its keys are used.
///
/// An issuer can claim any identity, so adding one on a server takes the permission *.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache issuer add https://login.acme.example --audience attache
  attache issuer add https://login.acme.example --audience attache --finds-by email
  attache issuer add https://accounts.example --audience attache --tenant-claim org_id=acme
  attache issuer add https://login.acme.example --audience attache --jwks-file keys.json")]
pub(super) struct Add {
    /// The value of the claim `iss`, exactly.
    issuer: String,
    /// The value that the claim `aud` must be or contain.
    #[arg(long, value_name = "AUDIENCE")]
    audience: String,
    /// The URL of its keys, a JWK set. If left out: by OpenID Connect Discovery.
    #[arg(long, value_name = "URL", conflicts_with = "jwks_file")]
    jwks_url: Option<String>,
    /// A file with its keys, as a JWK set.
    #[arg(long, value_name = "FILE")]
    jwks_file: Option<PathBuf>,
    /// The claim that names the user. If left out: sub, or email with --finds-by email.
    #[arg(long, value_name = "CLAIM")]
    subject_claim: Option<String>,
    /// The meaning of that claim in attache. An e-mail address must be verified.
    #[arg(long, value_enum, default_value = "key")]
    finds_by: FindsBy,
    /// A claim that must be or contain a value: NAME=VALUE.
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::arguments::parameter)]
    tenant_claim: Option<(String, String)>,
    /// The value of the header's `typ`, such as at+jwt.
    #[arg(long, value_name = "TYPE")]
    token_type: Option<String>,
    /// Let an invited user accept the invitation by signing in through this issuer.
    #[arg(long)]
    accepts_invitations: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FindsBy {
    Key,
    Id,
    Email,
    #[value(name = "external_auth_id", alias = "external-auth-id")]
    ExternalAuthId,
}

/// List the issuers whose tokens are accepted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache issuer list
  attache issuer list --output csv")]
pub(super) struct List {
    #[command(flatten)]
    output: Output,
}

/// Show the terms on which an issuer's tokens are accepted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  attache issuer show 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34
  attache issuer show 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34 --json")]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    output: Output,
}

/// Fetch an issuer's keys now, and show which of them are used.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache issuer keys 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34")]
pub(super) struct Keys {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    output: Output,
}

/// Stop accepting an issuer's tokens. A running server refuses them when it next looks at
/// the database (`tenants.poll_every`), or refuses all reads after `tenants.silent_for`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attache issuer remove 0199f7c4-3b6e-7a52-9d0e-5f1c2b7a9e34")]
pub(super) struct Remove {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
struct Which {
    /// The issuer's id, from `attache issuer list`.
    id: IssuerId,
}

impl Verb for IssuerVerb {
    fn writes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) | Self::Keys(_) => false,
            Self::Add(_) | Self::Remove(_) => true,
        }
    }

    async fn run(&self, api: &Api) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => {
                let made = api
                    .write(Method::POST, &["issuers"], Some(&add.terms()?))
                    .await?;
                let id = plain(&made.json["id"]);
                say(&id)?;
                add.say_what_tokens_need()?;
                show_keys(api, &id, Output::TABLE).await
            }
            Self::List(list) => {
                let issuers = api.all(&["issuers"], &[]).await?;
                list.output.list(COLUMNS, &issuers)
            }
            Self::Show(Show { which, output }) => {
                let id = which.id.to_string();
                let issuer = api.get(&["issuers", &id], &[]).await?.json;
                output.one(TERMS, &issuer)
            }
            Self::Keys(Keys { which, output }) => {
                show_keys(api, &which.id.to_string(), *output).await
            }
            Self::Remove(Remove { which }) => {
                let id = which.id.to_string();
                api.write(Method::DELETE, &["issuers", &id], None).await?;
                note("Its tokens are no longer accepted.")
            }
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The columns of a list of issuers.
const COLUMNS: &[Column] = &[
    Column::field("id", "id"),
    Column::field("issuer", "issuer"),
    Column::field("audience", "audience"),
    Column::field("finds_by", "finds by"),
    Column::field("created_at", "created"),
    Column::untabled("created_by"),
];

/// The fields of one issuer.
const TERMS: &[Column] = &[
    Column::untabled("id"),
    Column::untabled("issuer"),
    Column::untabled("audience"),
    Column::untabled("keys.from"),
    Column::untabled("keys.url"),
    Column::untabled("subject_claim"),
    Column::untabled("finds_by"),
    Column::made("tenant_claim", "", |issuer| match &issuer["tenant_claim"] {
        Value::Null => String::new(),
        claim => format!("{}={}", plain(&claim["name"]), plain(&claim["value"])),
    }),
    Column::untabled("token_type"),
    Column::untabled("accepts_invitations"),
    Column::untabled("created_at"),
    Column::untabled("created_by"),
];

impl Add {
    /// Notes what tokens need, where many issuers need extra settings for it.
    fn say_what_tokens_need(&self) -> Result<(), CliError> {
        let audience = &self.audience;
        note(format!(
            "Its tokens must say \"aud\": {audience:?}. One without aud is refused: name {audience} as \
             the audience (the API, or resource) where the issuer makes tokens."
        ))?;
        if matches!(self.finds_by, FindsBy::Email) {
            note(
                "They must say \"email_verified\": true, without quotes. For an issuer that sends it as \
                 a text, or not at all, use --finds-by key, id or external_auth_id.",
            )?;
        }
        Ok(())
    }

    fn terms(&self) -> Result<Value, CliError> {
        let keys = match (&self.jwks_url, &self.jwks_file) {
            (Some(url), _) => json!({"from": "url", "url": url}),
            (None, None) => json!({"from": "discovery"}),
            (None, Some(file)) => {
                let wrong = |reason: String| CliError::new(format!("{}: {reason}", file.display()));
                let text = std::fs::read_to_string(file).map_err(|it| wrong(it.to_string()))?;
                let jwks: Value =
                    // Some editors write a byte order mark.
                    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|it| wrong(it.to_string()))?;
                json!({"from": "jwks", "jwks": jwks})
            }
        };
        let claim = self.tenant_claim.as_ref();
        let mut terms = json!({
            "issuer": self.issuer,
            "keys": keys,
            "audience": self.audience,
            "finds_by": match self.finds_by {
                FindsBy::Key => "key",
                FindsBy::Id => "id",
                FindsBy::Email => "email",
                FindsBy::ExternalAuthId => "external_auth_id",
            },
            "tenant_claim": claim.map(|(name, value)| json!({"name": name, "value": value})),
            "token_type": self.token_type,
            "accepts_invitations": self.accepts_invitations,
        });
        if let Some(claim) = &self.subject_claim {
            terms["subject_claim"] = json!(claim);
        }
        Ok(terms)
    }
}

/// Prints which keys are used, or a warning if none is.
async fn show_keys(api: &Api, id: &str, output: Output) -> Result<(), CliError> {
    let found = api.get(&["issuers", id, "keys"], &[]).await?.json;
    if let Some(error) = found["error"].as_str() {
        return note(format!("warning: its keys are not to be had now: {error}"));
    }
    let keys = found["keys"].as_array().map(Vec::as_slice);
    let keys = keys.unwrap_or_default();
    let is_used = |key: &Value| key["unused_because"].is_null();
    if !keys.iter().any(is_used) {
        note("warning: none of its keys is used: its tokens are refused")?;
    }
    if keys
        .iter()
        .any(|key| is_used(key) && key["algorithm_is_assumed"] == true)
    {
        note(
            "A key that says no alg is for the algorithm that stands beside it, and for no other: where \
             tokens are signed with another (such as RS512), let the issuer say alg in its keys, or give \
             the keys with it (--jwks-file).",
        )?;
    }
    output.list(KEYS, keys)
}

/// The columns of an issuer's keys.
const KEYS: &[Column] = &[
    Column::field("kid", "key"),
    Column::field("algorithm", "algorithm"),
    Column::made("use", "use", |key| match key["unused_because"].as_str() {
        Some(reason) => format!("not used: {reason}"),
        None if key["algorithm_is_assumed"] == true => "used; it says no alg".to_owned(),
        None => "used".to_owned(),
    }),
];
