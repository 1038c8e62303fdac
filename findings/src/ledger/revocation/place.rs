//! Places that tell of revocation, by URL: written one way, so that the URL in a certificate and the request for it
//! compare. Nothing is fetched here, and no name is resolved.

use std::fmt;

/// Fewest characters of a request to a responder inside a path (RFC 6960 A.1): a hash of the issuer's name, one of its
/// key and a serial number take more.
const LEAST_REQUEST: usize = 60;
/// Longest URL looked at, in bytes.
const LONGEST: usize = 2_048;

/// How a place is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scheme {
    /// HTTP.
    Http,
    /// LDAP.
    Ldap,
}

/// A place, in lower case, percent signs undone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// How it is asked.
    pub(crate) scheme: Scheme,
    /// Host name or address; empty where any server of the directory will do.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// Path and query, without a slash at its end; for LDAP the name of the entry.
    pub(crate) path: String,
}

impl Place {
    /// The place that a URL names, if it is one that is asked in the clear.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").filter(|_| url.len() <= LONGEST)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "ldap" => Scheme::Ldap,
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        match scheme {
            Scheme::Http => Self::http(authority, path),
            Scheme::Ldap => {
                let name = path.trim_start_matches('/').split('?').next().unwrap_or_default();
                Some(Self::entry(authority, name))
            }
        }
    }

    /// The place that a request asks: `host` as in the header of that name, `target` a path or an absolute URI.
    pub(crate) fn asked(host: &str, target: &str) -> Option<Self> {
        if target.starts_with('/') { Self::http(host, target) } else { Self::parse(target) }
    }

    fn http(authority: &str, path: &str) -> Option<Self> {
        let (host, port) = split(authority, 80);
        let path = path.split('#').next().unwrap_or_default();
        let fits = !host.is_empty() && path.len() <= LONGEST;
        fits.then(|| Self { scheme: Scheme::Http, host, port, path: plain(path.trim_end_matches('/')) })
    }

    /// An entry of a directory, by its distinguished name.
    pub(crate) fn entry(authority: &str, name: &str) -> Self {
        let (host, port) = split(authority, 389);
        let name = plain(name);
        let terms: Vec<&str> = name.split(',').map(str::trim).collect();
        Self { scheme: Scheme::Ldap, host, port, path: terms.join(",") }
    }

    /// The place of the list that a delta list adds to: Windows puts a `+` behind the name of the one for the other's.
    pub(crate) fn base(&self) -> Option<Self> {
        let path = self.path.strip_suffix("+.crl")?;
        Some(Self { path: format!("{path}.crl"), ..self.clone() })
    }

    /// The responder that is asked, where the path holds a request in Base64: a SEQUENCE in a SEQUENCE in a SEQUENCE,
    /// which makes its first letter an M and its fourth a w. Taken from the target as sent: case matters.
    pub(crate) fn responder(host: &str, target: &str) -> Option<Self> {
        let begins = |at: usize| {
            let text = target.get(at + 1..).unwrap_or_default();
            let bytes = text.as_bytes();
            let base64 =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'%');
            bytes.len() >= LEAST_REQUEST
                && bytes.first() == Some(&b'M')
                && bytes.get(3) == Some(&b'w')
                && bytes.iter().all(base64)
        };
        let target = Some(target).filter(|target| target.len() <= LONGEST)?;
        let at = target.match_indices('/').map(|(at, _)| at).find(|at| begins(*at))?;
        Self::asked(host, target.get(..=at)?)
    }

    /// The last part of its path.
    pub(crate) fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether its path has the ending of a revocation list.
    pub(crate) fn is_list(&self) -> bool {
        self.path
            .split('?')
            .next()
            .and_then(|path| path.rsplit_once('.'))
            .is_some_and(|(_, end)| end == "crl")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual, slash) = match self.scheme {
            Scheme::Http => ("http", 80, ""),
            Scheme::Ldap => ("ldap", 389, "/"),
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "{slash}{}", self.path)
    }
}

/// Host, without the root's dot, and port of an authority; credentials in front are left out.
fn split(authority: &str, usual: u16) -> (String, u16) {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && (host.starts_with('[') || !host.contains(':')) => {
            (host, port.parse().unwrap_or(usual))
        }
        _ => (authority.as_str(), usual),
    };
    (host.trim_matches(['[', ']']).trim_end_matches('.').to_owned(), port)
}

/// In lower case, percent signs undone.
fn plain(text: &str) -> String {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let code = (*byte == b'%').then(|| digit(0).zip(digit(1))).flatten();
        match code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(code) => {
                plain.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            None => plain.push(*byte),
        }
    }
    String::from_utf8_lossy(&plain).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> Option<String> {
        Place::parse(url).map(|place| place.to_string())
    }

    #[test]
    fn a_url_and_the_request_for_it_compare() {
        let url = Place::parse("HTTP://PKI.Example.Test/Cert%20Enroll/Issuing%2B.crl").unwrap();
        assert_eq!(Place::asked("pki.example.test:80", "/cert%20enroll/issuing+.crl"), Some(url.clone()));
        assert_eq!(
            Place::asked("proxy", "http://pki.example.test./Cert Enroll/Issuing+.crl"),
            Some(url.clone())
        );
        assert_eq!(url.base().unwrap().to_string(), "http://pki.example.test/cert enroll/issuing.crl");
        assert!(url.is_list());
    }

    #[test]
    fn ports_and_addresses_are_read() {
        let place = |url: &str| Place::parse(url).map(|place| (place.host, place.port));
        assert_eq!(place("http://[2001:db8::1]:8080/x.crl"), Some(("2001:db8::1".to_owned(), 8080)));
        assert_eq!(place("http://[2001:db8::1]/x.crl"), Some(("2001:db8::1".to_owned(), 80)));
        assert_eq!(place("http://me@pki/x.crl"), Some(("pki".to_owned(), 80)));
        assert_eq!(shown("https://pki.example.test/x.crl"), None);
        assert_eq!(shown("pki.example.test/x.crl"), None);
        assert_eq!(shown("http:///x.crl"), None);
    }

    #[test]
    fn entries_of_a_directory_are_read_without_what_is_asked_of_them() {
        let url = "ldap:///CN=Issuing%20CA, CN=CDP,DC=example?certificateRevocationList?base";
        assert_eq!(shown(url).as_deref(), Some("ldap:///cn=issuing ca,cn=cdp,dc=example"));
        assert_eq!(Place::parse(url), Some(Place::entry("", "CN=Issuing CA,CN=CDP,DC=example")));
        assert_eq!(shown("ldap://dc01:3268/CN=x").as_deref(), Some("ldap://dc01:3268/cn=x"));
    }

    #[test]
    fn a_request_in_a_path_is_told_from_the_responder() {
        let request = "MFEwTzBNMEswSTAJBgUrDgMCGgUABBTVCNC8xR7WOa9AI4gaqcaKVXo/YAQUyC%2BgjbPHiYPEOCEh";
        let asked =
            |target: &str| Place::responder("ocsp.example.test", target).map(|place| place.to_string());
        assert_eq!(asked(&format!("/ocsp/{request}")).as_deref(), Some("http://ocsp.example.test/ocsp"));
        assert_eq!(asked(&format!("/{request}")).as_deref(), Some("http://ocsp.example.test"));
        assert_eq!(asked("/MFEwTzBN/index.html"), None);
        assert_eq!(asked("/ocsp/"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,80}", host in ".{0,20}") {
            let _ = (Place::parse(&text), Place::asked(&host, &text), Place::responder(&host, &text));
            let _ = Place::parse(&format!("ldap://{text}"));
        }
    }
}
