//! Bounds the connections of each client address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard};

/// The open connections of each address.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The most connections of one address; 0 for any number.
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A counted connection of an address. It counts until this is dropped.
#[derive(Debug)]
pub(crate) struct FromAddress {
    addresses: Addresses,
    /// `None` if it is not counted.
    from: Option<IpAddr>,
}

impl Addresses {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// Counts a connection. Returns `None` if its address has reached the bound.
    /// Connections from this machine are not counted, since they come from a proxy.
    pub(crate) fn open(&self, from: IpAddr) -> Option<FromAddress> {
        let from = from.to_canonical();
        let is_counted = self.most > 0 && !from.is_loopback();
        let from = is_counted.then(|| network(from));
        if let Some(from) = from {
            let mut open = self.counts();
            let count = open.entry(from).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(FromAddress {
            addresses: self.clone(),
            from,
        })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // No holder of the lock panics halfway through a change.
        self.open.lock().unwrap_or_else(|lock| lock.into_inner())
    }
}

impl Drop for FromAddress {
    fn drop(&mut self) {
        let Some(from) = self.from else { return };
        let mut open = self.addresses.counts();
        if let Some(count) = open.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&from);
            }
        }
    }
}

/// Returns the network from which one client can choose its addresses: for IPv6, the /64
/// network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_as_many_connections_as_it_may() {
        let addresses = Addresses::new(2);
        let one = address("192.0.2.1");
        let first = addresses.open(one).unwrap();
        let _second = addresses.open(one).unwrap();
        assert!(addresses.open(one).is_none());
        // The same address in its other form.
        assert!(addresses.open(address("::ffff:192.0.2.1")).is_none());
        assert!(addresses.open(address("192.0.2.2")).is_some());
        drop(first);
        assert!(addresses.open(one).is_some());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let addresses = Addresses::new(1);
        let _one = addresses.open(address("2001:db8::1")).unwrap();
        assert!(addresses.open(address("2001:db8::2")).is_none());
        assert!(addresses.open(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn connections_of_this_machine_are_not_counted() {
        let addresses = Addresses::new(1);
        let open: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1"]
            .map(|text| addresses.open(address(text)))
            .into();
        assert!(open.iter().all(Option::is_some));
        assert!(addresses.counts().is_empty());
    }

    #[test]
    fn without_a_bound_nothing_is_counted() {
        let addresses = Addresses::new(0);
        let _open = addresses.open(address("192.0.2.1")).unwrap();
        assert!(addresses.counts().is_empty());
    }
}
