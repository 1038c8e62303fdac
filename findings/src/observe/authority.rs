//! Hosts as HTTP writes them: in `Host`, in request targets and in URLs (RFC 3986 3.2).

use std::net::IpAddr;

use crate::ledger::Ledger;

/// The host of `host`, `host:port`, `[address]` or `[address]:port`.
pub(super) fn host_of(authority: &str) -> &str {
    if let Some((address, _)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    match authority.rsplit_once(':') {
        // An IPv6 address without brackets has several colons, and no port.
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// The host of an absolute URI; nothing of any other request target.
pub(super) fn host_in(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (!scheme.contains('/')).then(|| host_of(authority))
}

/// Whether a host is known to have this address.
pub(super) fn is_at(ledger: &Ledger, host: &str, addr: IpAddr) -> bool {
    host.parse().map_or_else(|_| ledger.addr_of(host) == Some(addr), |literal: IpAddr| literal == addr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_brackets_are_taken_off() {
        for (authority, host) in [
            ("mp1", "mp1"),
            ("mp1.example.test:8080", "mp1.example.test"),
            ("192.0.2.1:80", "192.0.2.1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:8530", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("mp1:", "mp1"),
            ("[", "["),
            ("", ""),
        ] {
            assert_eq!(host_of(authority), host, "{authority}");
        }
    }

    #[test]
    fn only_absolute_uris_name_a_host() {
        assert_eq!(host_in("http://[2001:db8::1]:80/ccm_system/request"), Some("2001:db8::1"));
        assert_eq!(host_in("https://mp1?x"), Some("mp1"));
        assert_eq!(host_in("/go/http://mp1/"), None);
        assert_eq!(host_in("mp1:443"), None);
    }
}
