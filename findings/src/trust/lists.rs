//! Certificate revocation lists (RFC 5280 5): those given, and those seen in the capture. A list proves itself by its
//! signature, so it does not matter who sent it; one that was forged says nothing, and hides none that was not.

use std::collections::BTreeSet;
use std::sync::Arc;

use decoders::crl::CrlEvent;
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
};

use super::chain::{AnyUsage, Links, verify};

/// Why bytes are refused that are no list at all.
const NO_LIST: &str = "neither PEM nor a certificate revocation list in DER";

/// A list.
#[derive(Clone, Debug)]
pub(super) struct List {
    parsed: Arc<CertRevocationList<'static>>,
    sha256: String,
    issuer: Vec<String>,
    authority_key: Option<String>,
    /// When it was made, in seconds since 1970.
    begins: i64,
    /// When the next one comes, likewise.
    ends: Option<i64>,
}

impl List {
    /// Makes a list ready to be asked.
    pub(super) fn new(list: &CrlEvent) -> Result<Self, String> {
        let parsed = OwnedCertRevocationList::from_der(&list.der).map_err(|error| match error {
            Error::UnsupportedDeltaCrl => "a delta list, which says nothing by itself".to_owned(),
            Error::UnsupportedIndirectCrl => "an indirect list, which is not understood".to_owned(),
            Error::UnsupportedCrlVersion => "a list of version 1, which is not understood".to_owned(),
            _ => NO_LIST.to_owned(),
        })?;
        Ok(Self {
            parsed: Arc::new(parsed.into()),
            sha256: list.sha256.clone(),
            issuer: list.issuer.clone(),
            authority_key: list.authority_key.clone(),
            begins: list.this_update_secs,
            ends: list.next_update_secs,
        })
    }

    /// Reads a list in DER.
    pub(super) fn read(der: &[u8]) -> Result<Self, String> {
        Self::new(&CrlEvent::read(der).map_err(|_| NO_LIST.to_owned())?)
    }
}

/// What the lists say of a certificate that an authority vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revocation {
    /// It is revoked.
    Revoked,
    /// An authority above it is.
    AuthorityRevoked,
    /// Its issuer's list does not have it.
    NotRevoked,
    /// Its issuer's list does not have it, but was out of date.
    OutOfDate,
    /// There is no list of its issuer.
    Unknown,
}

/// All lists.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    given: Vec<List>,
    seen: Vec<List>,
    /// SHA-256 of them all.
    known: BTreeSet<String>,
    max_seen: usize,
    refused: u64,
    generation: u64,
}

impl Lists {
    /// No lists, and room for so many that are seen.
    pub(super) fn new(max_seen: usize) -> Self {
        Self { max_seen, ..Self::default() }
    }

    /// Takes a list that the user gave: there is always room.
    pub(super) fn give(&mut self, list: &List) {
        if self.known.insert(list.sha256.clone()) {
            self.generation += 1;
            self.given.push(list.clone());
        }
    }

    /// Takes a list that was seen, even where there is a newer one, which may be forged. Returns whether it is kept.
    pub(super) fn see(&mut self, list: &CrlEvent) -> bool {
        if self.known.contains(&list.sha256) {
            return true;
        }
        let full = self.seen.len() >= self.max_seen;
        let older = if full { self.older_than(list) } else { None };
        self.refused += u64::from(full);
        if full && older.is_none() {
            return false;
        }
        let Ok(list) = List::new(list) else { return false };
        if let Some(older) = older {
            self.known.remove(&self.seen.remove(older).sha256);
        }
        self.known.insert(list.sha256.clone());
        self.seen.push(list);
        self.generation += 1;
        true
    }

    /// The oldest list seen of the issuer and key that a list is of, if it is older than that.
    fn older_than(&self, list: &CrlEvent) -> Option<usize> {
        let same = |seen: &List| seen.issuer == list.issuer && seen.authority_key == list.authority_key;
        let ours = self.seen.iter().enumerate().filter(|(_, seen)| same(seen));
        let (at, oldest) = ours.min_by_key(|(_, seen)| seen.begins)?;
        (oldest.begins < list.this_update_secs).then_some(at)
    }

    fn all(&self) -> impl Iterator<Item = &List> {
        self.given.iter().chain(&self.seen)
    }

    /// How often the lists changed.
    pub(super) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Lists seen that found no room, or lost it to newer ones.
    pub(crate) const fn refused(&self) -> u64 {
        self.refused
    }

    /// How many lists are out of date by a time: between two numbers, nothing changes.
    pub(super) fn epoch(&self, at: i64) -> usize {
        self.all().filter(|list| list.ends.is_some_and(|end| end <= at)).count()
    }

    /// What the lists say of a leaf whose path holds by itself.
    pub(super) fn ask(&self, leaf: &EndEntityCert<'_>, links: &Links<'_>, issuers: &[Vec<u8>]) -> Revocation {
        let ours = self.all().filter(|list| issuers.iter().any(|name| name == list.parsed.issuer()));
        // One by one: a forged list must not stand before the one it was made after.
        let mut found = Revocation::Unknown;
        for list in ours {
            match list.ask(leaf, links) {
                Revocation::Revoked => return Revocation::Revoked,
                Revocation::AuthorityRevoked => found = Revocation::AuthorityRevoked,
                Revocation::NotRevoked if found != Revocation::AuthorityRevoked => {
                    found = Revocation::NotRevoked;
                }
                Revocation::OutOfDate if found == Revocation::Unknown => found = Revocation::OutOfDate,
                _ => {}
            }
        }
        found
    }
}

impl List {
    fn ask(&self, leaf: &EndEntityCert<'_>, links: &Links<'_>) -> Revocation {
        use ExpirationPolicy::{Enforce, Ignore};
        use RevocationCheckDepth::{Chain, EndEntity};
        use UnknownStatusPolicy::{Allow, Deny};

        let lists = [self.parsed.as_ref()];
        let ask = |depth, status, expiration| {
            // There is a list, so this does not fail.
            let Ok(builder) = RevocationOptionsBuilder::new(&lists) else {
                return Err(Error::UnknownRevocationStatus);
            };
            let options =
                builder.with_depth(depth).with_status_policy(status).with_expiration_policy(expiration);
            verify(leaf, links, &AnyUsage, Some(options.build())).map(|_| ())
        };
        match ask(EndEntity, Deny, Enforce) {
            Ok(()) => Revocation::NotRevoked,
            Err(Error::CertRevoked) => Revocation::Revoked,
            Err(Error::CrlExpired { .. }) => match ask(EndEntity, Deny, Ignore) {
                Err(Error::CertRevoked) => Revocation::Revoked,
                _ => Revocation::OutOfDate,
            },
            // Not of the leaf's issuer, or not signed by it.
            Err(_) => match ask(Chain, Allow, Ignore) {
                Err(Error::CertRevoked) => Revocation::AuthorityRevoked,
                _ => Revocation::Unknown,
            },
        }
    }
}
