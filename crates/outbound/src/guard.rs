//! The guard of outgoing requests: an HTTP client that connects to allowed addresses
//! only.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Url};

use crate::is_public;
use crate::resolver::{Guarded, Names, OfTheMachine};

/// Decides which addresses outgoing requests may connect to, where a tenant chose the
/// address. Protects this machine and its private network (server-side request forgery).
#[derive(Clone)]
pub struct Guard {
    names: Arc<dyn Names>,
    private_addresses: bool,
}

/// The URL names this machine or a private network, which is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a public address")]
pub struct Forbidden;

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Guard(private_addresses: {})", self.private_addresses)
    }
}

impl Guard {
    /// Makes a guard. `private_addresses` allows this machine and private networks.
    #[must_use]
    pub fn new(private_addresses: bool) -> Self {
        Self::with(Arc::new(OfTheMachine), private_addresses)
    }

    /// Makes a guard that resolves host names by `names`.
    #[must_use]
    pub fn with(names: Arc<dyn Names>, private_addresses: bool) -> Self {
        Self {
            names,
            private_addresses,
        }
    }

    /// Returns a client whose connections are all guarded: each host name is judged by
    /// the addresses that it resolves to at the moment of connecting. The client uses no
    /// proxy, whatever the environment says, and follows no redirect. Call
    /// [`Guard::check`] for each URL first, since a client does not resolve IP addresses.
    pub fn client(&self) -> ClientBuilder {
        let resolver = Guarded::new(self.names.clone(), self.private_addresses);
        ClientBuilder::new()
            .no_proxy()
            .referer(false)
            .redirect(Policy::none())
            .dns_resolver(Arc::new(resolver))
    }

    /// Checks the host of a URL, before any look-up: an IP address in any form, or a name
    /// of this machine.
    ///
    /// # Errors
    /// [`Forbidden`] if the host is not public and the guard does not allow private
    /// addresses.
    pub fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let is_public = match url.host_str() {
            None => false,
            Some(host) => match address(host) {
                Some(address) => is_public(address),
                None => !is_local(host),
            },
        };
        match is_public || self.private_addresses {
            true => Ok(()),
            false => Err(Forbidden),
        }
    }
}

/// Returns the IP address that a host is, if it is one. [`Url`] has normalised all forms
/// of IPv4 already.
fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Returns whether a host is `localhost` or below it (RFC 6761, 6.3).
fn is_local(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::{Lookup, NotFound};

    fn may(guard: &Guard, url: &str) -> bool {
        guard.check(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn a_forbidden_address_is_forbidden_in_every_form() {
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://0/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a00:1]/",
            "https://[64:ff9b::169.254.169.254]/",
            "https://[64:ff9b:1::1]/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://１２７.0.0.1/",
        ] {
            assert!(!may(&Guard::new(false), url), "{url}");
            assert!(may(&Guard::new(true), url), "{url}");
        }
        for url in [
            "https://a.example/",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
            "https://localhost.a.example/",
        ] {
            assert!(may(&Guard::new(false), url), "{url}");
        }
    }

    /// Every name is this machine.
    struct Here;

    impl Names for Here {
        fn look_up(&self, _: String) -> Lookup {
            Box::pin(async { Ok(vec!["127.0.0.1:0".parse().map_err(io::Error::other)?]) })
        }
    }

    #[tokio::test]
    async fn a_client_connects_to_no_forbidden_address() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://keys.example:{port}/");
        let client = Guard::with(Arc::new(Here), false)
            .client()
            .tls_certs_only([]);
        let error = client.build().unwrap().get(&url).send().await.unwrap_err();
        let mut source: &dyn std::error::Error = &error;
        while let Some(behind) = source.source() {
            source = behind;
        }
        assert_eq!(source.to_string(), NotFound.to_string());
        // Nobody came.
        let waiting = std::future::poll_fn(|context| match listener.poll_accept(context) {
            std::task::Poll::Ready(_) => std::task::Poll::Ready(true),
            std::task::Poll::Pending => std::task::Poll::Ready(false),
        });
        assert!(!waiting.await);
    }
}
