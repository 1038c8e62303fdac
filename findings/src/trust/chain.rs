//! One chain: is there a path from the leaf to an authority that is trusted, and what is wrong with it?
//!
//! A chain can be wrong in several ways at once, and the verifier says one. So it is asked again without what it
//! complained of: at another time, for any purpose.

use std::sync::Arc;
use std::time::Duration;

use decoders::tls::Certificate;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    RevocationOptions,
};

use super::anchors::{Anchors, Origin};
use super::lists::{Lists, Revocation};
use super::{Fault, Standing, Usage, Verdict, order};

/// id-kp-serverAuth (RFC 5280 4.2.1.12).
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// id-kp-clientAuth.
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// Key usage bits (RFC 5280 4.2.1.3): digitalSignature, keyEncipherment, keyAgreement, keyCertSign.
const SIGN: u16 = 1;
const ENCIPHER: u16 = 1 << 2;
const AGREE: u16 = 1 << 4;
const SIGN_CERTIFICATES: u16 = 1 << 5;

/// A chain as sent, and what is asked of it.
pub(super) struct Chain<'a> {
    pub(super) leaf: &'a Certificate,
    pub(super) sent: &'a [Arc<Certificate>],
    pub(super) usage: Usage,
    pub(super) at: Option<i64>,
}

/// What a path can be made of, and when it has to hold.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    anchors: &'a [TrustAnchor<'static>],
    sent: &'a [CertificateDer<'a>],
    time: UnixTime,
}

/// A path that holds.
pub(super) struct Path {
    /// The authority at its end.
    anchor: TrustAnchor<'static>,
    /// The certificates between, from the leaf upwards, in DER.
    between: Vec<CertificateDer<'static>>,
    /// The issuers' names of the leaf and of those between, as encoded.
    pub(super) issuers: Vec<Vec<u8>>,
}

/// Any purpose will do.
pub(super) struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Looks for a path.
pub(super) fn verify(
    leaf: &EndEntityCert<'_>,
    links: &Links<'_>,
    usage: &impl ExtendedKeyUsageValidator,
    revocation: Option<RevocationOptions<'_>>,
) -> Result<Path, Error> {
    let Links { anchors, sent, time } = *links;
    let path = leaf.verify_for_usage(ALL_VERIFICATION_ALGS, anchors, sent, time, usage, revocation, None)?;
    let between: Vec<_> = path.intermediate_certificates().collect();
    let issuers = std::iter::once(leaf.issuer()).chain(between.iter().map(|one| one.issuer()));
    Ok(Path {
        anchor: path.anchor().to_owned(),
        issuers: issuers.map(<[u8]>::to_vec).collect(),
        between: between.iter().map(|one| one.der().into_owned()).collect(),
    })
}

impl Chain<'_> {
    /// Judges it.
    pub(super) fn judge(&self, anchors: &Anchors, lists: &Lists) -> Verdict {
        if self.leaf.unreadable {
            let standing = if anchors.is_empty() { Standing::NotChecked } else { Standing::Untrusted };
            return Verdict { standing, faults: vec![Fault::Unreadable], remarks: Vec::new() };
        }
        let mut faults = self.own_faults();
        let mut remarks = order::remarks(self.leaf, self.sent);
        let trusted = if anchors.is_empty() {
            None
        } else if let Some(known) = anchors.has(self.leaf) {
            Some((known.certificate.subject.join(", "), known.origin))
        } else {
            self.vouched(anchors, lists, &mut faults, &mut remarks)
        };
        let open = faults.iter().all(Fault::is_open);
        let standing = match trusted {
            Some((anchor, origin)) if faults.is_empty() => {
                Standing::Trusted { anchor, platform: origin == Origin::Platform }
            }
            _ if anchors.is_empty() || open => Standing::NotChecked,
            _ => Standing::Untrusted,
        };
        Verdict { standing, faults, remarks }
    }

    /// What is wrong with the leaf whoever vouches for it.
    fn own_faults(&self) -> Vec<Fault> {
        let Self { leaf, usage, at, .. } = *self;
        let mut faults = Vec::new();
        faults.extend(at.filter(|at| *at > leaf.not_after_secs).map(|_| Fault::Expired));
        faults.extend(at.filter(|at| *at < leaf.not_before_secs).map(|_| Fault::NotYetValid));
        let (purpose, bits) = match usage {
            Usage::Server => (SERVER_AUTH, SIGN | ENCIPHER | AGREE),
            Usage::Client => (CLIENT_AUTH, SIGN | AGREE),
        };
        let purposes = &leaf.extended_key_usage;
        if !purposes.is_empty() && !purposes.iter().any(|oid| oid == purpose) {
            faults.push(Fault::MissingPurpose(usage));
        }
        if leaf.key_usage.is_some_and(|usage| usage & bits == 0) {
            faults.push(Fault::KeyUsage(usage));
        }
        faults
    }

    /// The authority that vouches for the leaf, if one does; adds what is wrong.
    fn vouched(
        &self,
        anchors: &Anchors,
        lists: &Lists,
        faults: &mut Vec<Fault>,
        remarks: &mut Vec<String>,
    ) -> Option<(String, Origin)> {
        let der = CertificateDer::from(self.leaf.der.as_ref());
        let leaf = match EndEntityCert::try_from(&der) {
            Ok(leaf) => leaf,
            Err(error) => {
                faults.push(self.fault(&error, anchors));
                return None;
            }
        };
        let sent: Vec<_> = self.sent.iter().filter(|one| !one.unreadable).collect();
        let sent: Vec<_> = sent.iter().map(|one| CertificateDer::from(one.der.as_ref())).collect();
        // The verifier does not look at the validity of an authority given; one that is valid goes before.
        let valid = self.at.map(|at| anchors.valid(at)).unwrap_or_default();
        let mut links = Links { anchors: &valid, sent: &sent, time: unix(0) };
        let mut path = self.path(&leaf, &mut links, faults);
        if path.is_err() && valid.len() < anchors.trusted().len() {
            links.anchors = anchors.trusted();
            path = self.path(&leaf, &mut links, faults);
        }
        let path = match path {
            Ok(path) => path,
            Err(error) => {
                faults.push(self.fault(&error, anchors));
                return None;
            }
        };
        let origin = self.authorities(&path, anchors, faults);
        match lists.ask(&leaf, &links, &path.issuers) {
            Revocation::Revoked => faults.push(Fault::Revoked { authority: false }),
            Revocation::AuthorityRevoked => faults.push(Fault::Revoked { authority: true }),
            Revocation::NotRevoked => {}
            Revocation::OutOfDate => {
                remarks.push("revocation not known: its list was out of date".to_owned());
            }
            Revocation::Unknown => remarks.push("revocation not checked: no list of its issuer".to_owned()),
        }
        origin
    }

    /// A path, found also where the only things wrong are the time and the purpose.
    fn path(
        &self,
        leaf: &EndEntityCert<'_>,
        links: &mut Links<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<Path, Error> {
        let mut times = self.times().into_iter();
        let mut any_usage = faults.iter().any(|fault| matches!(fault, Fault::MissingPurpose(_)));
        let usage = match self.usage {
            Usage::Server => KeyUsage::server_auth(),
            Usage::Client => KeyUsage::client_auth(),
        };
        let mut late = None;
        for time in times.by_ref() {
            links.time = unix(time);
            let mut result = if any_usage {
                verify(leaf, links, &AnyUsage, None)
            } else {
                verify(leaf, links, &usage, None)
            };
            if let Err(Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension) = result {
                any_usage = true;
                // Of an authority: the leaf's own purposes are in order.
                faults.push(Fault::MissingPurpose(self.usage));
                result = verify(leaf, links, &AnyUsage, None);
            }
            match result {
                Err(error @ (Error::CertExpired { .. } | Error::CertNotValidYet { .. })) => {
                    late = Some(error);
                }
                other => return other,
            }
        }
        Err(late.unwrap_or(Error::UnknownIssuer))
    }

    /// Times at which to look for a path: that of the handshake, then others at which all of the chain may hold.
    fn times(&self) -> Vec<i64> {
        let all = || std::iter::once(self.leaf).chain(self.sent.iter().map(AsRef::as_ref));
        let own = |at: i64| at.max(self.leaf.not_before_secs).min(self.leaf.not_after_secs);
        let begin = all().map(|one| one.not_before_secs).max();
        let end = all().filter(|one| !one.unreadable).map(|one| one.not_after_secs).min();
        let mut times: Vec<i64> = self.at.into_iter().collect();
        times.extend(self.at.map(own).into_iter().chain(begin).chain(end));
        times.dedup();
        times
    }

    /// Holds the authorities of a path against what the verifier does not look at. Says who is at its end.
    fn authorities(
        &self,
        path: &Path,
        anchors: &Anchors,
        faults: &mut Vec<Fault>,
    ) -> Option<(String, Origin)> {
        let outside =
            |one: &Certificate| self.at.is_some_and(|at| at < one.not_before_secs || at > one.not_after_secs);
        let signs = |one: &Certificate| one.key_usage.is_none_or(|usage| usage & SIGN_CERTIFICATES != 0);
        let mut hold = |one: &Certificate| {
            let name = || one.subject.join(", ");
            faults.extend(outside(one).then(|| Fault::AuthorityNotValid(name())));
            faults.extend((!signs(one)).then(|| Fault::NotAnAuthority(name())));
        };
        for der in &path.between {
            self.sent.iter().filter(|one| *one.der == **der).take(1).for_each(|one| hold(one));
        }
        // Of an authority's several certificates, one that is valid is enough.
        let behind = || anchors.behind(&path.anchor);
        let best = behind().find(|one| !outside(&one.certificate)).or_else(|| behind().next())?;
        hold(&best.certificate);
        Some((best.certificate.subject.join(", "), best.origin))
    }
}

/// A time as the verifier wants it, which knows none before 1970.
fn unix(seconds: i64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}
