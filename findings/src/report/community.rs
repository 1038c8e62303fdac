//! Community ID, version 1: a flow's name that other tools give it as well.
//!
//! See <https://github.com/corelight/community-id-spec>. The seed is always 0, its default there.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use capture::{Endpoint, FlowKey, Transport};
use sha1::{Digest as _, Sha1};

/// The Community ID of a flow: the same for both directions.
#[must_use]
pub fn community_id(key: &FlowKey) -> String {
    let (one, other) = if order(&key.client) <= order(&key.server) {
        (key.client, key.server)
    } else {
        (key.server, key.client)
    };
    let protocol = match key.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
    };
    let mut hash = Sha1::new();
    hash.update(0_u16.to_be_bytes());
    hash.update(octets(one.addr));
    hash.update(octets(other.addr));
    hash.update([protocol, 0]);
    hash.update(one.port.to_be_bytes());
    hash.update(other.port.to_be_bytes());
    format!("1:{}", STANDARD.encode(hash.finalize()))
}

/// The end that stands first: the smaller address in network byte order, then the smaller port.
fn order(end: &Endpoint) -> (Vec<u8>, u16) {
    (octets(end.addr), end.port)
}

fn octets(addr: IpAddr) -> Vec<u8> {
    match addr {
        IpAddr::V4(addr) => addr.octets().to_vec(),
        IpAddr::V6(addr) => addr.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(transport: Transport, client: (&str, u16), server: (&str, u16)) -> FlowKey {
        let end = |(addr, port): (&str, u16)| Endpoint { addr: addr.parse().unwrap(), port };
        FlowKey { client: end(client), server: end(server), transport }
    }

    #[test]
    fn flows_have_the_names_of_the_specifications_baseline() {
        let tcp = key(Transport::Tcp, ("128.232.110.120", 34855), ("66.35.250.204", 80));
        assert_eq!(community_id(&tcp), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
        let udp = key(Transport::Udp, ("192.168.1.52", 54585), ("8.8.8.8", 53));
        assert_eq!(community_id(&udp), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
    }

    #[test]
    fn both_directions_have_one_name() {
        let v6 = key(Transport::Tcp, ("2001:db8::2", 50000), ("2001:db8::1", 443));
        assert_eq!(community_id(&v6), community_id(&v6.reverse()));
        let same_host = key(Transport::Udp, ("10.0.0.1", 138), ("10.0.0.1", 137));
        assert_eq!(community_id(&same_host), community_id(&same_host.reverse()));
        assert_ne!(community_id(&v6), community_id(&same_host));
    }
}
