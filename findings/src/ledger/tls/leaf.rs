//! A certificate as one side of TLS shows it, with what came along, and where.

use std::sync::Arc;

use decoders::tls::Certificate;

use crate::evidence::{Rarely, Seen};

/// A server's own certificate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaf {
    /// What it says, shared with whoever else was shown it. Not yet scrubbed.
    pub(crate) certificate: Arc<Certificate>,
    /// What came after it in its message, in the order sent; of the first message that was seen whole enough.
    pub(crate) chain: Vec<Arc<Certificate>>,
    /// Where it shows.
    pub(crate) seen: Seen,
    /// Whether the site issued it itself.
    from_site: bool,
}

impl Leaf {
    /// A certificate that has not been seen yet.
    pub(crate) fn new(certificate: Arc<Certificate>) -> Self {
        Self { from_site: is_from_site(&certificate), certificate, ..Self::default() }
    }

    /// Subject, joined. Not yet scrubbed.
    pub(crate) fn subject(&self) -> String {
        self.certificate.subject.join(", ")
    }

    /// Issuer, joined. Not yet scrubbed.
    pub(crate) fn issuer(&self) -> String {
        self.certificate.issuer.join(", ")
    }

    /// What it names. Not yet scrubbed.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        names_in(&self.certificate)
    }

    /// Whether the site issued it itself, as it does for enhanced HTTP.
    pub(crate) const fn is_from_site(&self) -> bool {
        self.from_site
    }
}

/// What a certificate names: its common name, and the names of hosts. Not yet scrubbed.
pub(crate) fn names_in(certificate: &Certificate) -> impl Iterator<Item = &str> {
    let common = certificate.subject.iter().filter_map(|term| term.strip_prefix("CN="));
    common.chain(certificate.dns_names.iter().map(String::as_str))
}

/// Whether the site issued a certificate itself, as it does for enhanced HTTP.
pub(crate) fn is_from_site(certificate: &Certificate) -> bool {
    let has = |terms: &[String], what: &[u8]| {
        terms
            .iter()
            .any(|term| term.as_bytes().windows(what.len()).any(|part| part.eq_ignore_ascii_case(what)))
    };
    has(&certificate.issuer, b"CN=SMS Issuing") || has(&certificate.subject, b"CN=SMS Role SSL Certificate")
}

/// A client's own certificate.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientLeaf {
    /// The certificate, what was sent with it, and where it shows.
    pub(crate) leaf: Leaf,
    /// Connections in which the client proved that it has the key and the server then went on.
    pub(crate) accepted: Rarely,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sites_own_certificates_are_taken_for_them() {
        let leaf = |subject: &str, issuer: &str| {
            let certificate = Certificate {
                subject: vec![subject.to_owned()],
                issuer: vec![issuer.to_owned()],
                ..Certificate::default()
            };
            Leaf::new(Arc::new(certificate))
        };
        assert!(leaf("CN=mp.example.test", "CN=SMS Issuing").is_from_site());
        assert!(leaf("CN=SMS Role SSL Certificate", "CN=x").is_from_site());
        assert!(!leaf("CN=sms.example.test", "CN=SMS Gateway CA").is_from_site());
    }
}
