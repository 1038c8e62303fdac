//! Whether a certificate is for a name (RFC 9525, RFC 6125), as clients on Windows and OpenSSL see it: where no
//! alternative name is a DNS name, the common name counts.

use std::net::IpAddr;

use decoders::tls::Certificate;

/// Whether a certificate is for a host name, or for an address written as text.
pub(crate) fn covers(certificate: &Certificate, wanted: &str) -> bool {
    if let Ok(address) = wanted.parse::<IpAddr>() {
        return certificate.ip_addresses.contains(&address);
    }
    names(certificate).any(|name| matches(name, wanted))
}

/// The host names that a certificate is for. Not yet scrubbed.
pub(crate) fn names(certificate: &Certificate) -> impl Iterator<Item = &str> {
    let common = certificate.dns_names.is_empty().then_some(&certificate.subject);
    let common = common.into_iter().flatten().filter_map(|term| term.strip_prefix("CN="));
    certificate.dns_names.iter().map(String::as_str).chain(common)
}

/// Whether a name of a certificate stands for a host name. `*` stands for one whole label, the first one.
fn matches(pattern: &str, wanted: &str) -> bool {
    let pattern = pattern.trim_end_matches('.');
    let wanted = wanted.trim_end_matches('.');
    let Some(domain) = pattern.strip_prefix("*.") else { return pattern.eq_ignore_ascii_case(wanted) };
    let Some((first, rest)) = wanted.split_once('.') else { return false };
    !first.is_empty() && domain.contains('.') && rest.eq_ignore_ascii_case(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(subject: &[&str], dns: &[&str], addresses: &[&str]) -> Certificate {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Certificate {
            subject: owned(subject),
            dns_names: owned(dns),
            ip_addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            ..Certificate::default()
        }
    }

    #[test]
    fn names_match_whatever_their_case_and_a_star_is_one_label() {
        let certificate = made(&["CN=other.test"], &["MP.example.test", "*.dp.example.test", "*.test"], &[]);
        for (name, fits) in [
            ("mp.example.test", true),
            ("mp.example.test.", true),
            ("a.dp.example.test", true),
            ("a.b.dp.example.test", false),
            ("dp.example.test", false),
            (".dp.example.test", false),
            ("a.test", false),
            ("other.test", false),
            ("", false),
        ] {
            assert_eq!(covers(&certificate, name), fits, "{name}");
        }
    }

    #[test]
    fn the_common_name_counts_where_there_is_no_dns_name() {
        assert!(covers(&made(&["O=Example", "CN=mp.example.test"], &[], &["192.0.2.1"]), "mp.example.test"));
        assert!(!covers(&made(&["CN=mp.example.test"], &["x.test"], &[]), "mp.example.test"));
    }

    #[test]
    fn addresses_match_addresses_only() {
        let certificate = made(&["CN=192.0.2.7"], &["192.0.2.8"], &["192.0.2.9", "2001:db8::1"]);
        assert!(covers(&certificate, "192.0.2.9") && covers(&certificate, "2001:db8:0::1"));
        assert!(!covers(&certificate, "192.0.2.7") && !covers(&certificate, "192.0.2.8"));
    }
}
