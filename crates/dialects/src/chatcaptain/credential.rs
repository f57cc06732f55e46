//! Reads `x-chatcaptain-key: …`, besides `Authorization: Bearer …`.

use axum::extract::Request;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};

const KEY: HeaderName = HeaderName::from_static("x-chatcaptain-key");

/// Copies a credential from this API's own header into `Authorization`. If both headers
/// are sent, `Authorization` counts.
pub(super) fn from_own_header(mut request: Request) -> Request {
    let headers = request.headers_mut();
    if headers.contains_key(AUTHORIZATION) {
        return request;
    }
    // Repeated headers stay repeated, and are refused as such.
    let keys: Vec<HeaderValue> = headers.get_all(KEY).iter().cloned().collect();
    for key in keys {
        if let Ok(mut bearer) = HeaderValue::from_bytes(&[b"Bearer ", key.as_bytes()].concat()) {
            bearer.set_sensitive(true);
            headers.append(AUTHORIZATION, bearer);
        }
    }
    request
}

/// Adds this header to the document, as a way to send a credential.
pub(super) fn documented(mut document: OpenApi) -> OpenApi {
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(KEY.as_str())));
    if let Some(components) = &mut document.components {
        components.add_security_scheme("chatcaptainKey", key);
    }
    if let Some(security) = &mut document.security {
        security.push(SecurityRequirement::new::<_, _, String>(
            "chatcaptainKey",
            [],
        ));
    }
    document
}
