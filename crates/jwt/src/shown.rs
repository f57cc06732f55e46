//! How addresses of key sets are written in logs and errors.

/// Returns an address without its query, fragment, user and password, since these may
/// hold secrets. The path stays.
pub(super) fn shown(address: &str) -> String {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let rest = address.get(..end).unwrap_or_default();
    let (scheme, rest) = match rest.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), rest),
    };
    let path = rest.find(['/', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(path).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_query_and_password() {
        for (address, expected) in [
            ("https://a.example/keys", "https://a.example/keys"),
            (
                "https://a.example/keys?code=s3cret",
                "https://a.example/keys",
            ),
            ("https://a.example?code=s3cret", "https://a.example"),
            ("https://a.example/#s3cret", "https://a.example/"),
            ("https://u:s3cret@a.example/k@1", "https://a.example/k@1"),
            (
                "https://u:s3c@ret@a.example:8443/",
                "https://a.example:8443/",
            ),
            ("u:s3cret@a.example/x", "a.example/x"),
            ("?s3cret", ""),
            ("", ""),
        ] {
            assert_eq!(shown(address), expected, "{address}");
        }
    }
}
