//! Authorities that are trusted because somebody said so, and revocation lists that were given with them. Bytes come
//! from elsewhere: no file is opened here.

use std::fmt;

use decoders::tls::Certificate;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor};
use webpki::anchor_from_trusted_cert;

use super::lists::List;

/// Who says that an authority is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user, who gave it.
    Given,
    /// The platform's store, which has many that the site never heard of.
    Platform,
}

/// Why bytes were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// An authority that is trusted.
#[derive(Debug)]
pub(super) struct Authority {
    pub(super) certificate: Certificate,
    pub(super) origin: Origin,
}

/// Authorities that are trusted, and revocation lists.
#[derive(Debug, Default)]
pub struct Anchors {
    /// As the verifier wants them, in the order of `authorities`.
    trusted: Vec<TrustAnchor<'static>>,
    authorities: Vec<Authority>,
    lists: Vec<List>,
    /// Beginnings and ends of the authorities' validity, sorted.
    ends: Vec<i64>,
}

impl Anchors {
    /// Trusts the certificates in PEM or the one in DER. Returns how many they are. Every certificate is trusted as it
    /// is, one that another authority issued and a server's own too.
    pub fn trust(&mut self, bytes: &[u8], origin: Origin) -> Result<usize, Refused> {
        let certificates = sections::<CertificateDer<'static>>(bytes, "certificate")?;
        let certificates = certificates.unwrap_or_else(|| vec![CertificateDer::from(bytes.to_vec())]);
        let several = certificates.len() > 1;
        for (number, der) in certificates.iter().enumerate() {
            self.add(der, origin).map_err(|why| {
                Refused(if several { format!("certificate {} of it: {why}", number + 1) } else { why })
            })?;
        }
        self.ends.sort_unstable();
        Ok(certificates.len())
    }

    fn add(&mut self, der: &CertificateDer<'_>, origin: Origin) -> Result<(), String> {
        let certificate =
            Certificate::read(der).map_err(|_| "neither PEM nor an X.509 certificate in DER".to_owned())?;
        if self.authorities.iter().any(|known| known.certificate.sha256 == certificate.sha256) {
            return Ok(());
        }
        let anchor = anchor_from_trusted_cert(der)
            .map_err(|error| format!("not a certificate that can be trusted ({error:?})"))?;
        self.trusted.push(anchor.to_owned());
        self.ends.extend([certificate.not_before_secs, certificate.not_after_secs.saturating_add(1)]);
        self.authorities.push(Authority { certificate, origin });
        Ok(())
    }

    /// Takes the revocation lists in PEM or the one in DER. Returns how many they are.
    pub fn revoke(&mut self, bytes: &[u8]) -> Result<usize, Refused> {
        let lists = sections::<CertificateRevocationListDer<'static>>(bytes, "revocation list")?;
        let lists = lists.unwrap_or_else(|| vec![CertificateRevocationListDer::from(bytes.to_vec())]);
        for list in &lists {
            self.lists.push(List::read(list).map_err(Refused)?);
        }
        Ok(lists.len())
    }

    /// Whether no authority is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// Whether an authority was given by file.
    pub(super) fn is_given(&self) -> bool {
        self.authorities.iter().any(|authority| authority.origin == Origin::Given)
    }

    /// The revocation lists given.
    pub(super) fn lists(&self) -> &[List] {
        &self.lists
    }

    /// As the verifier wants them.
    pub(super) fn trusted(&self) -> &[TrustAnchor<'static>] {
        &self.trusted
    }

    /// Those that are valid at a time.
    pub(super) fn valid(&self, at: i64) -> Vec<TrustAnchor<'static>> {
        let holds = |one: &Certificate| (one.not_before_secs..=one.not_after_secs).contains(&at);
        let all = self.trusted.iter().zip(&self.authorities);
        all.filter(|(_, one)| holds(&one.certificate)).map(|(anchor, _)| anchor.clone()).collect()
    }

    /// Whether an authority of this subject was given by file.
    pub(super) fn knows(&self, subject: &[String]) -> bool {
        let mut given = self.authorities.iter().filter(|authority| authority.origin == Origin::Given);
        given.any(|authority| authority.certificate.subject == subject)
    }

    /// Whether a certificate is itself among those given.
    pub(super) fn has(&self, certificate: &Certificate) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.certificate.sha256 == certificate.sha256)
    }

    /// All that have the name and key of an anchor: an authority renewed has both in several certificates.
    pub(super) fn behind<'a>(&'a self, anchor: &'a TrustAnchor<'_>) -> impl Iterator<Item = &'a Authority> {
        let same = |known: &TrustAnchor<'_>| {
            known.subject == anchor.subject && known.subject_public_key_info == anchor.subject_public_key_info
        };
        let all = self.trusted.iter().zip(&self.authorities);
        all.filter(move |(known, _)| same(known)).map(|(_, authority)| authority)
    }

    /// All of a subject.
    pub(super) fn called<'a>(&'a self, subject: &'a [String]) -> impl Iterator<Item = &'a Certificate> {
        let all = self.authorities.iter().map(|authority| &authority.certificate);
        all.filter(move |certificate| certificate.subject == subject)
    }

    /// How many beginnings and ends of validity are not after a time: between two of them, nothing changes.
    pub(super) fn epoch(&self, at: i64) -> usize {
        self.ends.partition_point(|end| *end <= at)
    }
}

/// The sections of a kind in PEM; nothing where the bytes are not PEM.
fn sections<T: PemObject>(bytes: &[u8], kind: &str) -> Result<Option<Vec<T>>, Refused> {
    let begin = b"-----BEGIN ";
    if !bytes.windows(begin.len()).any(|window| window == begin) {
        return Ok(None);
    }
    let sections: Vec<T> = T::pem_slice_iter(bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| Refused(format!("damaged PEM ({error})")))?;
    if sections.is_empty() {
        return Err(Refused(format!("no {kind} in this PEM file")));
    }
    Ok(Some(sections))
}
