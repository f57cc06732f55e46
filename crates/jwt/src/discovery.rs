//! Finds the address of an issuer's keys by OpenID Connect Discovery 1.0.

use std::borrow::Cow;

use serde_json::Value;

use super::fetch::Fetch;
use super::keys_error::KeysError;
use super::shown::shown;
use attache_strict_json as strict_json;

/// Returns the address of an issuer's keys, as its discovery document names it.
pub(super) async fn address_of_keys(fetch: &Fetch, issuer: &str) -> Result<String, KeysError> {
    // Section 4: the issuer has no query and no fragment.
    if issuer.contains(['?', '#']) {
        let reason = "an issuer by discovery has no query";
        return Err(KeysError::unfit(&shown(issuer), reason));
    }
    // Section 4.1: a trailing slash of the issuer is left out.
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let address = format!("{base}/.well-known/openid-configuration");
    let document = fetch.get(&address).await?;
    let address = shown(&address);
    let unfit = |reason: Cow<'static, str>| KeysError::unfit(&address, reason);
    let document = strict_json::parse(strict_json::without_mark(&document.bytes))
        .map_err(|_| unfit("this is not JSON without repeated keys".into()))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    // Section 4.3: otherwise anybody's document could name anybody's keys.
    match text("issuer") {
        Some(own) if own == issuer => {}
        Some(own) if own.trim_end_matches('/') == issuer.trim_end_matches('/') => {
            let reason = format!(
                "it is the document of another issuer: {}, which differs by a slash at its end. Trust that one",
                shown(own)
            );
            return Err(unfit(reason.into()));
        }
        _ => return Err(unfit("it is the document of another issuer".into())),
    }
    let keys = text("jwks_uri").ok_or_else(|| unfit("it names no jwks_uri".into()))?;
    Ok(keys.to_owned())
}
