use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads, by the special-purpose registries of IANA (RFC 6890 and its updates).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// A host of the public Internet.
    Public,
    /// This machine or its own networks; reachable where the policy names the host for it. The words say which.
    Private(&'static str),
    /// What no request goes to: metadata services of clouds, link-local, multicast, documentation, tunnels.
    Reserved(&'static str),
}

/// Addresses at which clouds answer with credentials, outside of the link-local range.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

impl AddressClass {
    /// The class of an address. An IPv4 address inside an IPv6 one counts as what it is.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> AddressClass {
    use AddressClass::{Private, Public, Reserved};
    if METADATA_V4.contains(&address) {
        return Reserved("metadata");
    }
    match address.octets() {
        [0, ..] => Reserved("unspecified"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Private("private"),
        [100, 64..=127, ..] => Private("carrier-private"),
        [127, ..] => Private("loopback"),
        [169, 254, ..] => Reserved("link-local"),
        [192, 0, 0, _] | [192, 88, 99, _] => Reserved("reserved"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reserved("documentation"),
        [198, 18..=19, ..] => Reserved("benchmarking"),
        [224..=239, ..] => Reserved("multicast"),
        [240..=255, ..] => Reserved("reserved"),
        _ => Public,
    }
}

fn of_v6(address: Ipv6Addr) -> AddressClass {
    use AddressClass::{Private, Public, Reserved};
    if address == METADATA_V6 {
        return Reserved("metadata");
    }
    let last =
        u32::from_be_bytes([address.octets()[12], address.octets()[13], address.octets()[14], address.octets()[15]]);
    let embedded = || of_v4(Ipv4Addr::from(last));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Reserved("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Private("loopback"),
        // IPv4-mapped and the well-known prefix of NAT64 lead to the IPv4 address in their last 32 bits.
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => embedded(),
        [0xfc00..=0xfdff, ..] => Private("private"),
        [0xfe80..=0xfebf, ..] => Reserved("link-local"),
        [0xff00..=0xffff, ..] => Reserved("multicast"),
        // 6to4 and Teredo carry an IPv4 address that the other end of the tunnel connects to.
        [0x2002, ..] | [0x2001, 0, ..] => Reserved("tunnel"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Reserved("documentation"),
        [0x2001, 0..=0x01ff, ..] => Reserved("reserved"),
        [0x2000..=0x3fff, ..] => Public,
        // Everything else is not given out for hosts: local NAT64, discard-only, site-local, segment routing …
        _ => Reserved("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str) -> AddressClass {
        AddressClass::of(address.parse().expect(address))
    }

    #[test]
    fn special_addresses_are_what_the_registries_say() {
        for public in [
            "8.8.8.8",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "223.255.255.255",
            "11.0.0.0",
            "169.253.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2003::1",
        ] {
            assert_eq!(class(public), AddressClass::Public, "{public}");
        }
        for private in [
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "::1",
            "fc00::1",
            "fdff::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::192.168.1.1",
        ] {
            assert!(matches!(class(private), AddressClass::Private(_)), "{private}");
        }
        for reserved in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "fec0::1",
            "2001:db8::1",
            "2001::1",
            "2001:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "::ffff:0.0.0.0",
            "64:ff9b:1::a00:1",
            "::7f00:1",
            "::ffff:0:7f00:1",
            "100::1",
            "5f00::1",
            "3fff::1",
            "4000::1",
        ] {
            assert!(matches!(class(reserved), AddressClass::Reserved(_)), "{reserved}");
        }
    }
}
