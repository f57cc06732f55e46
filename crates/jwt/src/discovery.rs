//! Where an issuer's keys are, by OpenID Connect Discovery 1.0.

use serde_json::Value;

use super::fetch::Fetch;
use super::shown::shown;
use attache_strict_json as strict_json;

/// The address of an issuer's keys, as the issuer itself says.
pub(super) async fn address_of_keys(fetch: &Fetch, issuer: &str) -> Result<String, String> {
    // Section 4: the issuer has no query and no fragment.
    if issuer.contains(['?', '#']) {
        return Err(format!(
            "{}: an issuer by discovery has no query",
            shown(issuer)
        ));
    }
    // Section 4.1: a slash at its end is left out.
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let address = format!("{base}/.well-known/openid-configuration");
    let document = fetch.get(&address).await?;
    let address = shown(&address);
    let document = strict_json::parse(strict_json::without_mark(&document.bytes))
        .map_err(|_| format!("{address}: this is not JSON without repeated keys"))?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    // Section 4.3: else anybody's document could name anybody's keys.
    match text("issuer") {
        Some(own) if own == issuer => {}
        Some(own) if own.trim_end_matches('/') == issuer.trim_end_matches('/') => {
            return Err(format!(
                "{address}: it is the document of another issuer: {}, which differs by a slash at its end. Trust that one",
                shown(own)
            ));
        }
        _ => return Err(format!("{address}: it is the document of another issuer")),
    }
    let keys = text("jwks_uri").ok_or_else(|| format!("{address}: it names no jwks_uri"))?;
    Ok(keys.to_owned())
}
