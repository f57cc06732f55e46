//! Recognises environment variables that Kubernetes gives every pod of a namespace for
//! each Service in it.
//!
//! Beside a Service named `attache`, a pod has `ATTACHE_PORT=tcp://10.0.0.7:80`,
//! `ATTACHE_SERVICE_HOST` and others; beside `attache-api`, `ATTACHE_API_PORT` and so on.
//! None of them is meant for attache.

/// Returns whether a variable has a name that Kubernetes derives from a Service.
pub(super) fn is_service_variable(name: &str) -> bool {
    // The rest of the name is that of the Service.
    let ends = |end: &str| name.ends_with(end);
    if ends("_SERVICE_HOST") || ends("_SERVICE_PORT") || ends("_PORT") {
        return true;
    }
    // `…_SERVICE_PORT_HTTP`: a named port.
    if name.contains("_SERVICE_PORT_") {
        return true;
    }
    // `…_PORT_80_TCP`, `…_PORT_80_TCP_ADDR`
    let ports = name.match_indices("_PORT_");
    ports
        .filter_map(|(at, found)| name.get(at + found.len()..))
        .any(is_of_port)
}

/// Returns whether a text is like `80_TCP` or `80_TCP_ADDR`.
fn is_of_port(text: &str) -> bool {
    let mut parts = text.split('_');
    let port = parts.next().unwrap_or_default();
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        && matches!(parts.next(), Some("TCP" | "UDP" | "SCTP"))
        && matches!(parts.next(), None | Some("PROTO" | "PORT" | "ADDR"))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_services_are_told_from_typing_errors() {
        for name in [
            "ATTACHE_PORT",
            "ATTACHE_SERVICE_HOST",
            "ATTACHE_SERVICE_PORT",
            "ATTACHE_SERVICE_PORT_HTTP",
            "ATTACHE_PORT_8080_TCP",
            "ATTACHE_PORT_8080_TCP_PROTO",
            "ATTACHE_PORT_8080_TCP_PORT",
            "ATTACHE_PORT_8080_TCP_ADDR",
            "ATTACHE_PORT_53_UDP",
            "ATTACHE_API_PORT_443_TCP_ADDR",
            "ATTACHE_API_SERVICE_HOST",
        ] {
            assert!(is_service_variable(name), "{name}");
        }
        for name in [
            "ATTACHE_LISTN",
            "ATTACHE_PORTS",
            "ATTACHE_PORT_X_TCP",
            "ATTACHE_PORT_80",
            "ATTACHE_PORT_80_HTTP",
            "ATTACHE_PORT_80_TCP_NAME",
            "ATTACHE_SERVICE",
        ] {
            assert!(!is_service_variable(name), "{name}");
        }
    }
}
