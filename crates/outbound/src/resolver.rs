//! Resolves host names, and returns only the addresses that requests may connect to.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::is_public;

/// A pending look-up of a host name's addresses.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// A source of the addresses of host names.
pub trait Names: Send + Sync + 'static {
    /// Resolves a host name to all its addresses. Ports are ignored.
    fn look_up(&self, host: String) -> Lookup;
}

/// The machine's resolver: its hosts file and name servers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfTheMachine;

impl Names for OfTheMachine {
    fn look_up(&self, host: String) -> Lookup {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.collect())
        })
    }
}

/// A host name has no address that requests may connect to. The error does not tell
/// whether the name has private addresses, since names of a private network are
/// confidential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its host is not found, or has no allowed address")]
pub struct NotFound;

/// Resolves at each new connection, so that a name whose addresses change (DNS rebinding)
/// is judged again.
#[derive(Clone)]
pub(crate) struct Guarded {
    names: Arc<dyn Names>,
    private_addresses: bool,
}

impl Guarded {
    pub(crate) fn new(names: Arc<dyn Names>, private_addresses: bool) -> Self {
        Self {
            names,
            private_addresses,
        }
    }

    async fn addresses(self, host: String) -> Result<Vec<SocketAddr>, NotFound> {
        let found = self.names.look_up(host.clone()).await;
        let mut found = found.map_err(|error| {
            tracing::debug!(%host, %error, "a host was not found");
            NotFound
        })?;
        if !self.private_addresses {
            let all = found.len();
            found.retain(|address| is_public(address.ip()));
            if found.len() < all {
                let left_out = all - found.len();
                tracing::warn!(%host, left_out, "a host has addresses that are not public, which are left out");
            }
        }
        match found.is_empty() {
            true => Err(NotFound),
            false => Ok(found),
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.clone().addresses(name.as_str().to_owned());
        Box::pin(async move {
            let addresses: Addrs = Box::new(found.await?.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every name has these addresses.
    struct Always(&'static [&'static str]);

    impl Names for Always {
        fn look_up(&self, _: String) -> Lookup {
            let found = self
                .0
                .iter()
                .map(|text| SocketAddr::new(text.parse().unwrap(), 0));
            let found: Vec<SocketAddr> = found.collect();
            Box::pin(async move { Ok(found) })
        }
    }

    struct Nothing;

    impl Names for Nothing {
        fn look_up(&self, _: String) -> Lookup {
            Box::pin(async { Err(io::Error::other("no such host")) })
        }
    }

    async fn asked(names: impl Names, private_addresses: bool) -> Result<Vec<String>, String> {
        let guarded = Guarded::new(Arc::new(names), private_addresses);
        let found = guarded.resolve("keys.example".parse().unwrap()).await;
        let found = found.map_err(|error| error.to_string())?;
        Ok(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_leads_to() {
        for inside in [
            "127.0.0.1",
            "10.0.0.1",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
        ] {
            let names: &'static [&str] = vec![inside].leak();
            assert!(asked(Always(names), false).await.is_err(), "{inside}");
            assert_eq!(asked(Always(names), true).await.unwrap(), [inside]);
        }
        let mixed = &["192.168.0.1", "93.184.215.14", "::1"];
        assert_eq!(
            asked(Always(mixed), false).await.unwrap(),
            ["93.184.215.14"]
        );
    }

    #[tokio::test]
    async fn a_forbidden_name_reads_as_one_that_is_not_there() {
        let forbidden = asked(Always(&["10.0.0.1"]), false).await;
        assert_eq!(forbidden, asked(Nothing, false).await);
        assert_eq!(forbidden, asked(Always(&[]), false).await);
    }
}
