//! Which IP addresses are public: the IANA special-purpose address registries
//! (RFC 6890), as of 2026.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of IPv4 addresses: its first address and the length of its prefix.
type Block4 = ([u8; 4], u32);
/// A block of IPv6 addresses: its first address and the length of its prefix.
type Block6 = ([u16; 8], u32);

/// IPv4 blocks that are not public: those that the registry does not call globally
/// reachable, and multicast. Of the registry's blocks, only 192.31.196.0/24,
/// 192.52.193.0/24 and 192.175.48.0/24 are not in this list, since they are reachable.
const NOT_PUBLIC_4: [Block4; 17] = [
    ([0, 0, 0, 0], 8),          // this network (RFC 791)
    ([10, 0, 0, 0], 8),         // private use (RFC 1918)
    ([100, 64, 0, 0], 10),      // shared by carriers (RFC 6598)
    ([127, 0, 0, 0], 8),        // loopback (RFC 1122)
    ([168, 63, 129, 16], 32),   // the host below a virtual machine of Azure
    ([169, 254, 0, 0], 16),     // link-local, and the metadata of clouds (RFC 3927)
    ([172, 16, 0, 0], 12),      // private use (RFC 1918)
    ([192, 0, 0, 0], 24),       // protocol assignments (RFC 6890)
    ([192, 0, 2, 0], 24),       // documentation (RFC 5737)
    ([192, 88, 99, 0], 24),     // relays of 6to4, given up (RFC 7526)
    ([192, 168, 0, 0], 16),     // private use (RFC 1918)
    ([198, 18, 0, 0], 15),      // benchmarks (RFC 2544)
    ([198, 51, 100, 0], 24),    // documentation (RFC 5737)
    ([203, 0, 113, 0], 24),     // documentation (RFC 5737)
    ([224, 0, 0, 0], 4),        // multicast (RFC 5771)
    ([240, 0, 0, 0], 4),        // reserved (RFC 1112)
    ([255, 255, 255, 255], 32), // broadcast (RFC 919)
];

/// The only IPv6 block that has global unicast addresses (RFC 4291, 2.4). Loopback,
/// link-local, unique local (with fd00:ec2::254, the metadata of a cloud), site-local,
/// discard and multicast addresses are all outside.
const GLOBAL_UNICAST: Block6 = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// Blocks in [`GLOBAL_UNICAST`] that are not public.
const NOT_PUBLIC_6: [Block6; 4] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments, with Teredo (RFC 2928)
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation (RFC 3849)
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4, which holds an IPv4 address (RFC 3056)
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation (RFC 9637)
];

/// IPv4 addresses through a translator: the IPv4 address stands in the last 32 bits
/// (RFC 6052). Its local sibling 64:ff9b:1::/48 (RFC 8215) is never public.
const NAT64: Block6 = ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

/// Returns whether an address belongs to the public internet, in every written form. An
/// IPv6 address that embeds an IPv4 address (mapped, NAT64, ISATAP) is judged by the IPv4
/// address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => match within(address) {
            Some(inner) => is_public_4(inner),
            None => is_public_6(address),
        },
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    let is_in = |(first, length): &Block4| {
        let differs = bits ^ Ipv4Addr::from(*first).to_bits();
        differs.leading_zeros() >= *length
    };
    !NOT_PUBLIC_4.iter().any(is_in)
}

fn is_public_6(address: Ipv6Addr) -> bool {
    let is_in = |block: &Block6| is_in_6(address, block);
    // An ISATAP interface (RFC 5214, 6.1) tunnels to the IPv4 address in it.
    let [.., high, low, _, _] = address.segments();
    let is_isatap = matches!((high, low), (0 | 0x200, 0x5efe));
    is_in(&GLOBAL_UNICAST) && !NOT_PUBLIC_6.iter().any(is_in) && !is_isatap
}

fn is_in_6(address: Ipv6Addr, (first, length): &Block6) -> bool {
    let differs = address.to_bits() ^ Ipv6Addr::from(*first).to_bits();
    differs.leading_zeros() >= *length
}

/// Returns the IPv4 address that an IPv6 address embeds.
fn within(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    let translated = is_in_6(address, &NAT64).then(|| Ipv4Addr::new(a, b, c, d));
    address.to_ipv4_mapped().or(translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_are(public: bool, addresses: &[&str]) {
        for address in addresses {
            let parsed: IpAddr = address.parse().unwrap();
            assert_eq!(is_public(parsed), public, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_ipv4_special_purpose_registry_are_not_public() {
        all_are(
            false,
            &[
                "0.0.0.0",
                "0.255.255.255",
                "10.0.0.0",
                "10.255.255.255",
                "100.64.0.0",
                "100.127.255.255",
                "100.100.100.200",
                "127.0.0.1",
                "127.255.255.255",
                "168.63.129.16",
                "169.254.0.0",
                "169.254.169.254",
                "169.254.170.2",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.0.170",
                "192.0.0.192",
                "192.0.2.255",
                "192.88.99.1",
                "192.168.0.0",
                "192.168.255.255",
                "198.18.0.0",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.0",
                "255.255.255.255",
            ],
        );
    }

    #[test]
    fn addresses_of_the_ipv6_special_purpose_registry_are_not_public() {
        all_are(
            false,
            &[
                "::",
                "::1",
                "::7f00:1",
                "64:ff9b:1::1",
                "64:ff9b:1:ffff::808:808",
                "100::1",
                "100:0:0:1::1",
                "2001::1",
                "2001:0:7f00:1::",
                "2001:1::1",
                "2001:2::1",
                "2001:10::1",
                "2001:20::1",
                "2001:30::1",
                "2001:1ff:ffff::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2002:808:808::1",
                "3fff::1",
                "3fff:fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fdff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "ff02::1",
                "2606:4700::5efe:7f00:1",
                "2606:4700::200:5efe:7f00:1",
            ],
        );
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_address_is_judged_as_itself() {
        for (inner, public) in [
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("8.8.8.8", true),
        ] {
            for front in ["::ffff:", "64:ff9b::"] {
                all_are(public, &[&format!("{front}{inner}")]);
            }
            // Deprecated, and leads nowhere (RFC 4291, 2.5.5.1).
            all_are(false, &[&format!("::{inner}")]);
        }
    }

    #[test]
    fn addresses_beside_the_special_ones_are_public() {
        all_are(
            true,
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.31.196.1",
                "192.52.193.1",
                "192.167.255.255",
                "192.169.0.0",
                "192.175.48.1",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2003::1",
                "2606:4700:4700::1111",
                "2620:4f:8000::1",
                "3ffe:ffff::1",
                "3fff:1000::1",
            ],
        );
    }
}
